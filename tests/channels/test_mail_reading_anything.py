"""Properties of reading that hold for every byte string."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.mime.message import read_mail
from channels.visible.reply import visible_html, visible_text
from helpdesk.safe_html import sanitise
from tests.channels.mails import mail

HEADERS = st.sampled_from(
    "From To Subject Date Message-ID References Content-Type Content-Disposition Return-Path Content-Transfer-Encoding "
    "Authentication-Results Content-ID Auto-Submitted MIME-Version X".split()
)
VALUES = st.sampled_from(
    [
        *(
            "multipart/mixed; boundary=b",
            "multipart/report; boundary=b",
            "text/html; charset=utf-7",
            "text/plain; charset=idna",
        ),
        *(
            "message/delivery-status",
            "base64",
            "quoted-printable",
            "x-uuencode",
            "=?utf-8?B?////?=",
            "=?x?Q?=ff",
            "<>",
            "<[@]>",
        ),
        *(
            '"a\\',
            "((((",
            "attachment; filename*0*=x'y'%",
            "attachment; filename*9999999999=x",
            "Thu, 99 Foo 0 99:99 +9999",
            "",
        ),
    ]
)
LINES = st.one_of(
    st.builds(lambda name, value: f"{name}: {value}".encode(), HEADERS, st.one_of(VALUES, st.text(max_size=40))),
    st.sampled_from(
        [b"", b"--b", b"--b--", b" folded", b"> quoted", b"begin 644 x", b"#0V%T", b"end", b"On 1.1.2020 x wrote:"]
    ),
    st.binary(max_size=60),
)
MAILS = st.builds(
    lambda ending, lines: ending.join(lines), st.sampled_from([b"\r\n", b"\n", b"\r"]), st.lists(LINES, max_size=30)
)
QUICK = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def storable(text: str) -> bool:
    return "\x00" not in text and text.encode("utf-8").decode("utf-8") == text


@QUICK
@given(st.one_of(st.binary(max_size=400), MAILS))
def test_any_bytes_give_a_message_that_can_be_stored(raw: bytes) -> None:
    message = read_mail(raw)
    texts = [message.subject, message.text, message.html, message.visible_text, message.signature, message.message_id]
    texts += [message.sender.address, message.sender.name, *message.references, *message.defects]
    texts += [text for item in message.attachments for text in (item.filename, item.content_type, item.content_id)]
    assert all(map(storable, texts))
    assert all(item.filename for item in message.attachments)


@QUICK
@given(st.randoms(use_true_random=False))
def test_a_mutated_mail_gives_a_message(chance: random.Random) -> None:
    raw = bytearray(
        mail(
            "Konu",
            headers="Content-Type: multipart/mixed; boundary=b",
            body="--b\r\n\r\nmetin\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--",
        )
    )
    for _ in range(chance.randint(1, 40)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    read_mail(bytes(raw))


@QUICK
@given(st.text(alphabet="> \n-_:tOnwrote1@.<>/divp\u0130", max_size=300))
def test_nothing_of_a_body_is_lost_between_its_three_parts(body: str) -> None:
    for found in (visible_text(body), visible_html(body)):
        assert found.visible.strip() or not found.hidden
    found = visible_text(body)
    shown = " ".join((found.visible + "\n" + found.signature + "\n" + found.hidden).split())
    assert sorted(shown.replace(" ", "")) == sorted("".join(body.split()))


@QUICK
@given(st.text(alphabet="<>/\"'=imgascrptonxd:; u(l)jv\\&#", max_size=200))
def test_sanitising_twice_changes_nothing(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once
