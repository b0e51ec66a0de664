"""Invitations, protected mails and enclosed mails, as the thread shows them."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from helpdesk.tickets import cards
from helpdesk.tickets.models import Message
from helpdesk.tickets.shown import message_view
from tests.cast import SUKRAN, Cast, sign_in

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
METHOD:{method}
BEGIN:VEVENT
UID:1@x
SEQUENCE:{sequence}
DTSTAMP:20261101T100000Z
{start}
SUMMARY:Depo görüşmesi
LOCATION:Kadıköy <b>
RRULE:FREQ=WEEKLY
ORGANIZER;CN=Şükran:mailto:sukran@posta.example
ATTENDEE;CN=Destek;PARTSTAT={answer}:mailto:destek@lodosev.example
END:VEVENT
END:VCALENDAR
"""
INSTANT = "DTSTART:20261123T070000Z\nDTEND:20261123T080000Z"
DAYS = "DTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261125"


def written(subject: str = "Konu") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SUKRAN, "destek@lodosev.example", subject
    mail["Message-ID"] = make_msgid(domain="posta.example")
    mail.set_content("ekte")
    return mail


def arrived(cast: Cast, mail: EmailMessage) -> Message:
    cast.receive(mail.as_bytes())
    found: Message = Message.query.order_by(Message.id.desc()).first()
    return found


def invited(cast: Cast, **values: str) -> Message:
    mail = written("Davet")
    fields = {"method": "REQUEST", "sequence": "0", "start": INSTANT, "answer": "NEEDS-ACTION", **values}
    calendar = ICS.format(**fields).replace("\n", "\r\n")
    mail.add_alternative(calendar, subtype="calendar", params={"method": fields["method"]})
    return arrived(cast, mail)


@pytest.mark.parametrize(
    ("values", "heading"),
    [
        ({}, "Invitation"),
        ({"sequence": "3"}, "Invitation, updated"),
        ({"method": "CANCEL"}, "Meeting cancelled"),
        ({"method": "REPLY", "answer": "DECLINED"}, "Answer to an invitation: declined"),
        ({"method": "PUBLISH"}, "Calendar entry"),
    ],
)
def test_an_invitation_says_what_it_is(app: Flask, cast: Cast, values: dict[str, str], heading: str) -> None:
    with app.test_request_context():
        meeting = cards.meeting(invited(cast, **values))
        assert meeting is not None and meeting.heading == heading


def test_an_invitation_is_a_card(client: FlaskClient, cast: Cast) -> None:
    message = invited(cast)
    sign_in(client, cast.burak)
    page = client.get(f"/tickets/{message.ticket_id}").text
    for part in (
        "Depo görüşmesi",
        "Kadıköy &lt;b&gt;",
        '<time datetime="2026-11-23T07:00:00Z" data-at="meeting">',
        "every week",
    ):
        assert part in page
    [calendar] = [file for file in message.attachments if file.content_type == "text/calendar"]
    saved = client.get(f"/attachments/{calendar.id}/davet.ics")
    assert saved.headers["Content-Disposition"].startswith("attachment") and b"BEGIN:VEVENT" in saved.data


def test_a_day_is_a_day_everywhere(app: Flask, cast: Cast) -> None:
    message = invited(cast, start=DAYS)
    with app.test_request_context(), force_locale("tr"):
        meeting = cards.meeting(message)
        assert meeting is not None and meeting.start is None
        assert meeting.when == "23 Kasım 2026 Pazartesi – 24 Kasım 2026 Salı"


def test_the_organisers_clock_is_told_where_it_differs(app: Flask, cast: Cast) -> None:
    zoned = "DTSTART;TZID=Europe/Berlin:20261123T100000\nDTEND;TZID=Europe/Berlin:20261123T113000"
    near, far = invited(cast), invited(cast, start=zoned)
    with app.test_request_context():
        here, there = cards.meeting(near), cards.meeting(far)
        assert here is not None and here.start is not None and here.when == ""
        assert there is not None and there.start is not None and there.start.utctimetuple()[3] == 9
        assert there.when == "Monday, November 23, 2026 10:00–11:30 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ({"encrypted": "smime", "signed": ""}, "Encrypted (S/MIME)"),
        ({"encrypted": "", "signed": "pgp"}, "Signed (PGP)"),
        ({}, ""),
    ],
)
def test_a_protected_mail_says_so(app: Flask, kept: dict[str, str], word: str) -> None:
    with app.test_request_context():
        assert cards.protection(Message(cards={"protection": kept}))[0] == word


def test_an_encrypted_mail_is_kept_as_such(cast: Cast) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = SUKRAN, "destek@lodosev.example", "Gizli", "<g@x>"
    mail.set_content(b"\x30\x80", maintype="application", subtype="pkcs7-mime", params={"smime-type": "enveloped-data"})
    message = arrived(cast, mail)
    assert message.cards == {"protection": {"signed": "", "encrypted": "smime"}}
    assert len(message.attachments) == 1


@pytest.fixture
def enclosing(cast: Cast) -> Message:
    inner = written("İç posta")
    picture = b"\x89PNG\r\n\x1a\n" + b"x" * 20
    html = '<p>selam</p><script>1</script><img src="https://t.example/x.png"><img src="cid:logo@x">'
    inner.add_alternative(html, subtype="html")
    inner.get_payload()[1].add_related(picture, "image", "png", cid="<logo@x>")  # type: ignore[index,union-attr]
    inner.add_attachment(b"MZ", "application", "octet-stream", filename="fatura.pdf.exe")
    outer = written("Fwd")
    outer.add_attachment(inner)
    return arrived(cast, outer)


def test_an_enclosed_mail_can_be_read(client: FlaskClient, cast: Cast, enclosing: Message) -> None:
    [file] = message_view(enclosing).files
    sign_in(client, cast.burak)
    page = client.get(file.mail).text
    assert "İç posta" in page and "sukran@posta.example" in page and "not what its name pretends" in page
    frame = client.get(f"{file.mail}/frame")
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "selam" in frame.text and "<script" not in frame.text and "t.example" not in frame.text
    assert 'src="data:image/png;base64,iVBORw0KGg' in frame.text
    names = [part.split('"')[0] for part in page.split(f'href="{file.mail}/')[1:]]
    saved = client.get(f"{file.mail}/{names[0]}")
    assert (saved.data, saved.mimetype) == (b"MZ", "application/octet-stream")
    assert client.get(f"{file.mail}/99").status_code == 404


def test_an_enclosed_mail_is_for_those_who_see_its_ticket(client: FlaskClient, cast: Cast, enclosing: Message) -> None:
    url = message_view(enclosing).files[0].mail
    sign_in(client, cast.outsider)
    assert {client.get(f"{url}{path}").status_code for path in ("", "/frame", "/0")} == {404}


def test_other_files_are_no_enclosed_mails(client: FlaskClient, cast: Cast) -> None:
    mail = written("Dosya")
    mail.add_attachment(b"From: x\n\nx", "text", "plain", filename="a.eml")
    message = arrived(cast, mail)
    sign_in(client, cast.burak)
    assert client.get(f"/enclosed/{message.attachments[0].id}").status_code == 404
    assert message_view(message).files[0].mail == ""
