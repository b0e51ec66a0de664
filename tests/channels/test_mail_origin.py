"""What our own server says of a sender, and whom a forwarded mail is from."""

from __future__ import annotations

import pytest

from channels.mail import EmailChannel
from channels.messages import Address, Attachment, IncomingMessage, RawItem
from channels.mime.forward import forwarded_from

AYSE = "Ayşe Yılmaz <ayse@shop.example>"


def verdict(
    *results: str, sender: str = "a@shop.example", trusted: str = "MX.our.example, mx2.our.example"
) -> tuple[str, str]:
    """(result, policy) of a mail with these Authentication-Results from the top."""
    headers = "".join(f"Authentication-Results: {one}\r\n" for one in results)
    raw = f"{headers}From: {sender}\r\n\r\nHello".encode()
    [message] = EmailChannel("help@our.example", {"auth_server": trusted}).parse(RawItem("1", raw))
    return message.verdict.result, message.verdict.policy


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (["mx.our.example; dmarc=pass header.from=shop.example"], ("pass", "")),
        (["mx.our.example; dmarc=bestguesspass action=none header.from=shop.example"], ("pass", "")),
        (["mx.our.example; dmarc=fail (p=REJECT sp=REJECT dis=NONE) header.from=shop.example"], ("fail", "reject")),
        (["mx.our.example; dmarc=fail action=oreject header.from=shop.example"], ("fail", "reject")),
        (["mx.our.example; dmarc=fail (p=quarantine dis=none) header.from=shop.example"], ("fail", "quarantine")),
        (
            ["mx.our.example; dmarc=fail (p=none) header.from=shop.example; spf=pass smtp.mailfrom=shop.example"],
            ("fail", "none"),
        ),
        (["mx.our.example; spf=pass smtp.mailfrom=bounce@news.shop.example"], ("pass", "")),
        (["mx.our.example; dkim=pass header.d=shop.example"], ("pass", "")),
        (["mx.our.example; dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example"], ("", "")),
        (["mx.our.example; dkim=pass header.d=notshop.example"], ("", "")),
        (["mx.our.example; spf=softfail smtp.mailfrom=x@y.example; dkim=fail header.d=shop.example"], ("fail", "")),
        (["mx.our.example; spf=fail smtp.mailfrom=x@y.example; dkim=none"], ("", "")),
        (["mx.our.example; none"], ("", "")),
        (["mx.our.example; spf=pass smtp.mailfrom=shop.example", "mx.our.example; dmarc=fail (p=none)"], ("fail", "none")),
        (["mx2.our.example; dmarc=pass header.from=shop.example", "evil.example; dmarc=fail"], ("pass", "")),
        (["evil.example; dmarc=pass", "mx.our.example; dmarc=pass header.from=shop.example"], ("", "")),
        (["mx.our.example.evil.example; dmarc=pass header.from=shop.example"], ("", "")),
        (["mx.our.example; dmarc=pass header.from=other.example"], ("", "")),
        ([";;;=\x01", "mx.our.example; dmarc=pass"], ("", "")),
        ([], ("", "")),
    ],
)
def test_the_topmost_word_of_our_own_server_counts(results: list[str], expected: tuple[str, str]) -> None:
    assert verdict(*results) == expected


def test_without_a_named_server_nobody_is_believed() -> None:
    assert verdict("mx.our.example; dmarc=pass header.from=shop.example", trusted="") == ("", "")


def forwarded(text: str, subject: str = "Fwd: Fatura", **rest: object) -> str:
    found = forwarded_from(IncomingMessage(Address("burak@our.example"), text=text, subject=subject, **rest))  # type: ignore[arg-type]
    return f"{found.name} <{found.address}>" if found else ""


GMAIL = """Bakar mısın?

---------- Forwarded message ---------
From: {0}
Date: Tue
Subject: Fatura
To: b@our.example

Selam"""
OUTLOOK = """Bakar mısın?

________________________________
Kimden: {0}
Gönderildi: 3 Kasım 2026
Kime: Burak
Konu: Fatura

Selam"""


@pytest.mark.parametrize(
    "text",
    [
        GMAIL.format(AYSE),
        OUTLOOK.format(AYSE),
        OUTLOOK.format("Ayşe Yılmaz [mailto:ayse@shop.example]"),
        OUTLOOK.format('"Ayşe Yılmaz" <ayse@shop.example<mailto:ayse@shop.example>>'),
        f"Begin forwarded message:\n\nFrom: {AYSE}\nSubject: Fatura\nDate: 3 Nov\nTo: b@our.example\n\nSelam",
        f"-------- Weitergeleitete Nachricht --------\nBetreff: Fatura\nDatum: Di\nVon: {AYSE}\nAn: b@our.example\n\nSelam",
        f"---------- Yönlendirilmiş mesaj ---------\n*Gönderen:* {AYSE}\n*Tarih:* Sal\n*Konu:* Fatura\n\nSelam",
        f"> From: {AYSE}\n> Date: Tue\n> Subject: Fatura\n>\n> Selam",
    ],
)
def test_the_first_writer_of_a_forwarded_mail_is_found(text: str) -> None:
    assert forwarded(text) == AYSE


def test_a_mail_forwarded_as_an_attachment_names_its_writer() -> None:
    raw = f"From: {AYSE}\r\nSubject: Fatura\r\n\r\nSelam".encode()
    assert forwarded("Bak", attachments=(Attachment("m.eml", "message/rfc822", raw),)) == AYSE


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("From: here on, we ship on Tuesdays.", {}),
        ("Just a word", {"subject": "Fwd: x"}),
        (GMAIL.format("nobody"), {}),
        (GMAIL.format(AYSE).replace("Forwarded", "Original"), {"subject": "Re: Fatura", "in_reply_to": ("a@x",)}),
        ("From: " + "<" * 50_000, {}),
    ],
)
def test_what_forwards_nothing_names_nobody(text: str, rest: dict[str, object]) -> None:
    assert forwarded(text, **rest) == ""
