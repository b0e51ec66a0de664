"""What is odd about a link, and about the host that it leads to."""

from __future__ import annotations

import pytest

from helpdesk import links, lookalike

OWN = ("lodosev.example", "lodosev.com.tr")


@pytest.mark.parametrize(
    ("href", "text", "oddities"),
    [
        ("https://kargo.example/a", "Kargom nerede?", ()),
        ("https://kargo.example/a", "https://www.kargo.example/izle", ()),
        ("https://click.kargo.example/a", "kargo.example", ()),
        ("https://kargo.example/a", "fatura.pdf", ()),
        ("https://kötüdeğil.com.tr/", "Mağaza", ()),
        ("mailto:a@b.example", "a@c.example", ()),
        ("https://www.lodosev.example/x", "buradan", ()),
        ("https://evil.example/", "https://banka.com.tr/giris", ("elsewhere",)),
        ("https://evil.example/", "  www.banka.com.tr ", ("elsewhere",)),
        ("https://banka.com.tr.evil.example/", "banka.com.tr", ("elsewhere",)),
        ("https://evil.example\\@banka.com.tr/", "banka.com.tr", ("elsewhere",)),
        ("https:\\\\evil.example", "banka.com.tr", ("elsewhere",)),
        ("ht\ntps:evil.example", "banka.com.tr", ("elsewhere",)),
        ("https://banka.com.tr@evil.example/", "Giriş", ("user",)),
        ("http://2130706433/", "Giriş", ("number",)),
        ("http://0x7f.0.0.1/", "Giriş", ("number",)),
        ("http://[::1]/", "Giriş", ("number",)),
        ("https://pаypal.com/", "Giriş", ("scripts", "twin")),  # a Cyrillic а
        ("https://xn--pypal-4ve.com/", "Giriş", ("scripts", "twin")),
        ("https://garantı.com.tr/", "Giriş", ("twin",)),
        ("https://lodosev-example.com.lodosev.example.evil.test/", "x", ("imitates",)),
        ("https://l0dosev.example/", "x", ("imitates",)),
        ("https://lodosevv.example/", "x", ("imitates",)),
        ("https://loodsev.com.tr/", "x", ("imitates",)),
    ],
)
def test_what_is_odd_about_a_link(href: str, text: str, oddities: tuple[str, ...]) -> None:
    assert links.look(href, text, OWN).oddities == oddities


def test_a_host_is_shown_in_the_letters_that_it_stands_for() -> None:
    found = links.look("https://xn--pypal-4ve.com/a", "x")
    assert (found.host, found.twin) == ("pаypal.com", "paypal.com")
    assert found.certain_host == "xn--pypal-4ve.com"
    assert links.look("https://xn--ktdeil-wxa3cxv.com.tr/", "x").certain_host == "kötüdeğil.com.tr"
    assert lookalike.readable("xn--a-qc4g.com") == "xn--a-qc4g.com"  # half a surrogate pair
    assert lookalike.readable("XN--MGBH0FB.example.") == "مثال.example"
    assert lookalike.readable("xn--\u0130.com") == "xn--i\u0307.com"


@pytest.mark.parametrize(
    ("host", "part"), [("a.b.banka.com.tr", "banka.com.tr"), ("www.x.org", "x.org"), ("x.co.uk", "x.co.uk"), ("x", "x")]
)
def test_the_registered_part_of_a_host(host: str, part: str) -> None:
    assert lookalike.registered(host) == part
