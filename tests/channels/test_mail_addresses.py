"""Address fields as mail programs write them, right and wrong (RFC 5322 §3.4 and §4.4)."""

from __future__ import annotations

import pytest

from channels.mime.addresses import read_addresses


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Yılmaz, Ayşe <a@b.example>", [("Yılmaz, Ayşe", "a@b.example")]),
        ("=?utf-8?q?Y=C4=B1lmaz?=, Can <a@b.example>, c@d.example", [("Yılmaz, Can", "a@b.example"), ("", "c@d.example")]),
        ("=?utf-8?q?A=2C_B_=3Cx=40y=2Ez=3E?= <a@b.example>", [("A, B <x@y.z>", "a@b.example")]),
        ('"Destek <sahte@x.example>" <a@b.example>', [("Destek <sahte@x.example>", "a@b.example")]),
        ("bank@x.example < a@b.example >", [("bank@x.example", "a@b.example")]),
        ("Ali < (ev) a (iş) @ b.example >", [("Ali", "a@b.example")]),
        ('Ali <"a b>"@b.example>', [("Ali", '"a b>"@b.example')]),
        ("a@[IPv6:2001:db8::1], Ali <b@[10.0.0.1]>", [("", "a@[IPv6:2001:db8::1]"), ("Ali", "b@[10.0.0.1]")]),
        ("Ali <,@eski.example,,@[IPv6:::1]:a@b.example>", [("Ali", "a@b.example")]),
        ("[mailto:a@b.example]", [("", "a@b.example")]),
        (">a@b.example", [("", "a@b.example")]),
        ("Satış: Ali <a@b.example>, c@d.example;, e@f", [("Ali", "a@b.example"), ("", "c@d.example"), ("", "e@f")]),
        ("Ali <a@b.example> Ayşe <c@d.example>", [("Ali", "a@b.example"), ("Ayşe", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("a@b.example (Ali (evden))", [("Ali (evden)", "a@b.example")]),
        ("=?utf-8?b?QXnFn2UgPGFAYi5leGFtcGxlPg==?=", [("Ayşe", "a@b.example")]),
        ("root, Ali <a@b.example>; postmaster", [("root, Ali", "a@b.example"), ("", "postmaster")]),
        ('"Ali Veli" a@b.example, a@c.example "Ayşe"', [("Ali Veli", "a@b.example"), ("Ayşe", "a@c.example")]),
        ('"a@b.example"', [("", "a@b.example")]),
        ('"a".b@c.example', [("", '"a".b@c.example')]),
    ],
)  # fmt: skip
def test_every_mailbox_of_a_field_is_read(field: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.name, each.address) for each in read_addresses([field])] == expected
