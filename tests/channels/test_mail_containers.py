"""What mails carry besides words and files: winmail.dat, invitations, signatures and ciphers."""

from __future__ import annotations

import base64
from datetime import date

import pytest

from channels.messages import IncomingMessage
from channels.mime.calendar import read_invitation
from channels.mime.kinds import Attendee, Protection
from channels.mime.message import read_mail
from channels.mime.rtf import decompress, rtf_to_body
from tests.channels.packing import BINARY, packed_file, plain_rtf, properties, winmail

HEAD = b"From: Ali <ali@customer.example>\r\nTo: support@example.com\r\nSubject: Konu\r\nMIME-Version: 1.0\r\n"
ISTANBUL = """BEGIN:VTIMEZONE
TZID:Turkey Standard Time
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""


def carrying(kind: str, data: bytes, words: bytes = b"") -> IncomingMessage:
    file = b"Content-Type: %b\r\nContent-Transfer-Encoding: base64\r\n\r\n" % kind.encode() + base64.encodebytes(data)
    text = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words + b"\r\n"
    return read_mail(HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + b"--b\r\n" + file + b"--b--\r\n")


def test_winmail_is_kept_and_its_files_stand_beside_it() -> None:
    data = winmail((0x9007, b"\xe6\x04\0\0"), *packed_file("Sözleşme.txt", b"bir"), *packed_file("iki.pdf", b"%PDF"))
    message = carrying("application/ms-tnef; name=winmail.dat", data, b"Ekte.")
    assert [(each.filename, each.content_type, each.data) for each in message.attachments] == [
        ("winmail.dat", "application/ms-tnef", data),
        ("Sözleşme.txt", "text/plain", b"bir"),
        ("iki.pdf", "application/pdf", b"%PDF"),
    ]
    assert message.text == "Ekte."


def test_a_mail_that_is_only_winmail_speaks_through_it() -> None:
    html = "<html><head><meta charset=windows-1254></head><p>Şikâyet</p></html>".encode("cp1254")
    message = carrying("application/ms-tnef", winmail((0x9003, properties((0x1013, BINARY, html)))))
    assert "<p>Şikâyet</p>" in message.html and message.text == "Şikâyet"


@pytest.mark.parametrize(
    ("rtf", "text", "html"),
    [
        (rb"{\rtf1\ansicpg1254{\fonttbl{\f0 Arial;}}Sipari\'fe\par \u304?yi\~{\*\x gizli}}", "Sipariş\nİyi", ""),
        (rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\f0 \htmlrtf0 A{\*\htmltag72 </p>}}", "", "<p>A</p>"),
        (rb"{\rtf1\ansicpg936\'c4\'e3\'ba\'c3}", "你好", ""),
    ],
)  # fmt: skip
def test_rtf_gives_its_words_or_the_html_inside_it(rtf: bytes, text: str, html: str) -> None:
    found = rtf_to_body(decompress(plain_rtf(rtf)))
    assert (found[0].rstrip("\xa0"), found[1]) == (text, html)


def test_compressed_rtf_is_unpacked_as_its_specification_says() -> None:
    example = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert decompress(example) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize("cut", [7, 20, 60, 150])
def test_a_damaged_winmail_gives_what_can_be_read(cut: int) -> None:
    message = carrying("application/ms-tnef", winmail(*packed_file("bir.txt", b"x" * 40))[:cut], b"Ekte.")
    assert message.text == "Ekte." and message.attachments[0].filename == "attachment-1.dat"


def calendar(*lines: str, method: str = "REQUEST", zone: str = ISTANBUL) -> bytes:
    return (
        f"BEGIN:VCALENDAR\nMETHOD:{method}\n{zone}BEGIN:VEVENT\n{chr(10).join(lines)}\nEND:VEVENT\nEND:VCALENDAR\n".encode()
    )


def test_an_invitation_is_read_into_one_neutral_meeting() -> None:
    data = calendar(
        "UID:1@x", "SUMMARY:Kurulum\\, ikinci\n  gün", "DTSTART;TZID=Turkey Standard Time:20261123T100000",
        "DURATION:PT90M", "LOCATION:Ofis", "RRULE:FREQ=WEEKLY;BYDAY=MO", "SEQUENCE:2",
        'ORGANIZER;CN="Ayşe Can":mailto:ayse@customer.example',
        "ATTENDEE;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:MAILTO:ali@customer.example",
    )  # fmt: skip
    message = carrying("text/calendar; charset=utf-8; method=REQUEST; name=davet.ics", data, b"Davet")
    assert message.attachments[0].filename == "davet.ics"
    meeting = message.invitation
    assert meeting is not None and meeting.as_dict() == {
        "method": "REQUEST", "uid": "1@x", "summary": "Kurulum, ikinci gün", "description": "",
        "start": "2026-11-23T10:00:00+03:00", "end": "2026-11-23T11:30:00+03:00", "all_day": False,
        "timezone": "Turkey Standard Time", "location": "Ofis",
        "organiser": {"address": "ayse@customer.example", "name": "Ayşe Can", "answer": "needs-action", "optional": False},
        "attendees": [{"address": "ali@customer.example", "name": "", "answer": "accepted", "optional": True}],
        "recurrence": "FREQ=WEEKLY;BYDAY=MO", "sequence": 2, "cancelled": False, "more": 0,
    }  # fmt: skip


def test_days_wall_times_and_cancellations() -> None:
    days = read_invitation(calendar("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261125", method="CANCEL"), None)
    assert days and (days.start, days.end, days.all_day, days.cancelled) == (
        date(2026, 11, 23),
        date(2026, 11, 24),
        True,
        True,
    )
    wall = read_invitation(calendar("DTSTART:20261123T100000", zone=""), None)
    assert wall and wall.as_dict()["start"] == "2026-11-23T10:00:00"


@pytest.mark.parametrize(
    "line", ["DTSTART:yarın", "DTSTART;TZID=Yok:20269999T1", "RRULE:FREQ=HER;X", "DURATION:sonsuz", "=", "\x00"]
)
def test_a_broken_line_costs_only_itself(line: str) -> None:
    meeting = read_invitation(calendar("SUMMARY:Kurulum", line, "ATTENDEE:mailto:a@b.example"), None)
    assert meeting and (meeting.summary, meeting.attendees) == ("Kurulum", (Attendee("a@b.example"),))


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR\nEND:VCALENDAR", b"BEGIN:VEVENT\n" * 9_000, b"\xff\xfe"])
def test_what_is_no_invitation_gives_none(data: bytes) -> None:
    assert read_invitation(data, None) is None


SIGNED = (
    'Content-Type: multipart/signed; protocol="application/{0}"; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    "Merhaba\r\n--b\r\nContent-Type: application/{0}; name=imza\r\n\r\nx\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (SIGNED.format("pkcs7-signature"), Protection(signed="smime")),
        (SIGNED.format("pgp-signature"), Protection(signed="pgp")),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx", Protection(encrypted="smime")),
        ("Content-Type: application/x-pkcs7-mime; smime-type=signed-data\r\n\r\nx", Protection(signed="smime")),
        ("Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--", Protection(encrypted="pgp")),
        ("\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----\r\n", Protection(encrypted="pgp")),
        ("\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nx\r\n", Protection(signed="pgp")),
        ("\r\n> -----BEGIN PGP MESSAGE-----\r\n", None),
    ],
)  # fmt: skip
def test_protection_is_told_and_nothing_of_it_is_lost(rest: str, expected: Protection | None) -> None:
    message = read_mail(HEAD + rest.encode())
    assert message.protection == expected
    if "multipart/signed" in rest:
        assert message.text == "Merhaba" and message.attachments[0].filename == "imza"
