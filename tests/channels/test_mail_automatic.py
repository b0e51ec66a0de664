"""Machines never answer machines: what counts as automatic, and what a bounce says."""

from __future__ import annotations

import pytest

from channels import registry
from channels.messages import Address, DeliveryUpdate, IncomingMessage, OutgoingMessage, RawItem
from channels.mime.message import read_mail
from tests.channels.mails import mail
from tests.rigs.mailserver import MailServer


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x@x",
        "Precedence: bulk",
        "Precedence: auto_reply",
        "List-Id: <list.example.com>",
        "List-Unsubscribe: <mailto:x@x>",
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Autoreply: yes",
        "X-Autorespond: x",
        "Return-Path: <>",
        "X-Failed-Recipients: a@b",
        "X-Auto-Response-Suppress: OOF",
        "X-Loop: yes",
        "X-MS-Exchange-Inbox-Rules-Loop: a@b",
        "X-Mailer: vacation 1.2",
        "Feedback-ID: 1:x",
        "Content-Type: multipart/report; boundary=lost",
    ],
)
def test_headers_of_machines_are_recognised(header: str) -> None:
    assert read_mail(mail("Merhaba", headers=header)).automatic


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Precedence: normal",
        "Return-Path: <a@b>",
        "X-Autoreply: no",
        "X: y",
        "X-Auto-Response-Suppress: DR, RN, NRN",
        "In-Reply-To: <ours@x.example>\r\nList-Unsubscribe: <https://crm.example>",
    ],
)
def test_people_are_not_taken_for_machines(header: str) -> None:
    assert not read_mail(mail("Merhaba", headers=header)).automatic


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@x",
        "no-reply@x",
        "noreply+7@x",
        "do_not_reply@x",
        "cevaplamayiniz@x",
        "notifications@x",
        "list-owner@x",
    ],
)
def test_addresses_of_machines_are_recognised(sender: str) -> None:
    assert read_mail(f"From: {sender}\r\n\r\nx".encode()).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office: holiday",
        "Otomatik Yanıt: İzindeyim",
        "Automatic reply: x",
        "Abwesenheitsnotiz",
        "Réponse automatique : x",
        "[Auto-Reply] Re: x",
        "Ofis dışında: Re: x",
        "Автоответ: x",
        "Automatic response to your message",
        "Ofis Dışında Yanıtı: x",
        "Teslim edilemedi: x",
        "failure notice",
        "Fuera de la oficina",
        "Afwezig tot 5 mei",
        "Abwesend: Rechnung",
        "Automated reply: x",
        "I am out of the office until Monday",
        "Ofiste değilim: Re: x",
        "Нет на работе: x",
        "Undelivered Mail Returned to Sender",
    ],
)
def test_subjects_of_absence_notes_are_recognised(subject: str) -> None:
    assert read_mail(mail(subject)).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Out of office printer",
        "Automatic payment failed twice",
        "Otomatik ödeme sorunu",
        "Otomatik yanıt çalışmıyor",
        "Automatic reply rule does not work",
        "Auto-reply feature question",
        "Delivery notifications never arrive",
        "Read this",
        "Read: this book",
        "Out of office printer does not print",
        "Out of the office chairs you sold us two are broken",
        "Afwezig op maandag, kan de levering dinsdag?",
        "Fuera de la oficina, ¿pueden entregar el martes?",
        "Automatische Antwort funktioniert nicht",
        "Vacation notice setting is broken",
        "Mail delivery failed for all our customers",
        "Undelivered mail since yesterday",
        "Okundu: bilgisi gelmiyor",
    ],
)
def test_subjects_of_people_are_not(subject: str) -> None:
    assert not read_mail(mail(subject)).automatic


@pytest.mark.parametrize(
    ("body", "automatic"),
    [
        ("I am away.\r\n\r\nNote: This is an automated response to your message sent on 22.11.2026.", True),
        ("Bu e-posta otomatik olarak gönderilmiştir, lütfen yanıtlamayınız.", True),
        ("Dies ist eine automatisch generierte Nachricht.", True),
        ("Your message\r\n\r\n   Subject: Fatura\r\n\r\nwas read on Sunday, 22 November 2026 10:00.", True),
        ("Why do I get this?\r\n\r\n> This is an automated response to your message.", False),
        ("Is this an automated response?", False),
        ("Your catalogue was read by all of us.", False),
    ],
)
def test_a_mail_that_calls_itself_automatic_is(body: str, automatic: bool) -> None:
    assert read_mail(mail("Fatura", body=body)).automatic is automatic


def test_the_list_that_feeds_an_inbox_brings_people() -> None:
    listed = "List-Id: <destek.firma.example>\r\nList-Post: <mailto:destek@firma.example>\r\nPrecedence: list"
    raw = mail("Merhaba", headers=listed)
    assert not read_mail(raw, "destek@firma.example").automatic
    assert read_mail(raw, "satis@firma.example").automatic


REPORT = "\r\n".join(
    [
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "",
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n",
        "Reporting-MTA: dns; mx.example\r\n",
        "Original-Recipient: rfc822; ayse@customer.example\r\nFinal-Recipient: rfc822; alias@other.example",
        "Action: {action}",
        "Status: {status}\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n--b\r\nContent-Type: text/rfc822-headers\r\n",
        "{returned}\r\n--b--",
    ]
)


def report(action: str, status: str, returned: str = "Message-ID: <ours@example.com>") -> IncomingMessage:
    return read_mail(REPORT.format(action=action, status=status, returned=returned).encode())


def test_a_failure_report_names_recipient_status_and_the_mail_it_is_about() -> None:
    bounce = report("failed", "5.1.1").bounce
    assert bounce is not None and bounce.original_message_id == "ours@example.com"
    assert bounce.recipients == (("ayse@customer.example", "5.1.1", True),)


def test_a_delay_is_not_permanent_and_a_success_is_no_bounce() -> None:
    delayed = report("delayed", "4.4.1").bounce
    assert delayed is not None and delayed.recipients == (("ayse@customer.example", "4.4.1", False),)
    assert report("delivered", "2.0.0").bounce is None and report("delivered", "2.0.0").automatic


def test_who_gave_up_after_delays_has_failed_for_good() -> None:
    bounce = report("failed", "4.4.7").bounce
    assert bounce is not None and bounce.recipients == (("ayse@customer.example", "4.4.7", True),)


def test_a_report_of_success_is_a_receipt_and_no_message() -> None:
    told = DeliveryUpdate("ours@example.com", "delivered", "2.0.0", "ayse@customer.example")
    assert report("delivered", "2.0.0").receipts == (told,) and report("failed", "5.1.1").receipts == ()
    raw = REPORT.format(action="delivered", status="2.0.0", returned="Message-ID: <ours@example.com>").encode()
    assert list(registry.get("email")("destek@x.example", {}).parse(RawItem("1", raw))) == [told]


@pytest.mark.parametrize(
    ("text", "permanent"),
    [
        ("Mesajınız aşağıdaki alıcıya iletilemedi:\r\n\r\n  ayse@customer.example\r\n\r\n550 kutu yok", True),
        ("Gönderdiğiniz e-posta teslim edilemedi, gecikti; tekrar denenecek: ayse@customer.example", False),
        ("Die Nachricht an ayse@customer.example konnte nicht zugestellt werden.", True),
        ("Votre message n'a pas pu être délivré à\r\nayse@customer.example", True),
    ],
)
def test_bounces_in_words_alone_are_recognised(text: str, permanent: bool) -> None:
    raw = f"From: MAILER-DAEMON@mx.example\r\nTo: destek@x.example\r\nSubject: Hata\r\n\r\n{text}".encode()
    bounce = read_mail(raw).bounce
    assert bounce is not None and [(one, final) for one, _status, final in bounce.recipients] == [
        ("ayse@customer.example", permanent)
    ]


def test_a_bounce_that_follows_no_standard_is_recognised() -> None:
    raw = (
        b"From: MAILER-DAEMON@yahoo.com\r\nSubject: Failure Notice\r\nReturn-Path: <>\r\n\r\n"
        b"Hi. This is the qmail-send program at yahoo.com.\r\nI'm afraid I wasn't able to deliver your message to the "
        b"following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        b"<ayse@customer.example>:\r\n550 5.1.1 no such user\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
        b"Message-ID: <ours@example.com>\r\n"
    )
    bounce = read_mail(raw).bounce
    assert bounce is not None and bounce.original_message_id == "ours@example.com"
    assert bounce.recipients == (("ayse@customer.example", "5.1.1", True),)


def test_a_person_who_quotes_a_bounce_sends_none() -> None:
    assert (
        read_mail(mail("Bu ne demek?", body="<a@b>:\r\n550 5.1.1 no such user\r\nReturned mail: see transcript")).bounce
        is None
    )


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Order not delivered", "My parcel could not be delivered. Please write to ayse2@mail.example."),
        ("Delivery question", "My order has not been delivered.\r\n\r\nayse2@mail.example"),
        ("Teslim edilemedi deniyor", "Kargo teslim edilemedi. Bana ayse2@mail.example adresinden ulaşın."),
        ("Bounced e-mails", "What I send to bob@mail.example could not be delivered:\r\n550 5.1.1 user unknown"),
        ("User unknown when I log in", "It says user unknown for ali@mail.example."),
        ("Delivery problem", "Why this?\r\n\r\n<bob@mail.example>:\r\n550 5.1.1 no such user"),
    ],
)
@pytest.mark.parametrize("sender", ["Ayşe <ayse@customer.example>", "ayse@customer.example"])
def test_who_writes_about_a_delivery_sends_no_bounce(sender: str, subject: str, body: str) -> None:
    message = read_mail(f"From: {sender}\r\nTo: destek@x.example\r\nSubject: {subject}\r\n\r\n{body}".encode())
    assert message.bounce is None and not message.automatic


def test_a_report_of_an_own_type_is_read_as_one() -> None:
    raw = REPORT.format(action="failed", status="5.9.8", returned="Message-ID: <ours@example.com>")
    for kind in ("message/xdelivery-status", "message/x-delivery-status", "text/delivery-status"):
        bounce = read_mail(raw.replace("message/delivery-status", kind).encode()).bounce
        assert bounce is not None and bounce.recipients == (("ayse@customer.example", "5.9.8", True),)


def test_a_report_that_was_cut_off_is_a_bounce_that_names_nobody() -> None:
    head = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    bounce = read_mail(f"{head}Subject: Returned mail\r\n\r\n<<< no message collected >>>".encode()).bounce
    assert bounce is not None and bounce.recipients == ()
    warning = read_mail(f"{head}Subject: Warning\r\n\r\n--b\r\n\r\nYour message is delayed, we will keep trying.".encode())
    assert warning.bounce is None and warning.automatic


def test_a_bounce_without_any_form_is_read_by_its_words() -> None:
    raw = b"From: <>\r\nReturn-Path: <>\r\n\r\nYou sent mail to ayse@customer.example. That is not a valid user here."
    bounce = read_mail(raw).bounce
    assert bounce is not None and bounce.recipients == (("ayse@customer.example", "5.0.0", True),)


def test_a_person_who_attaches_a_bounce_sends_none() -> None:
    attached = REPORT.format(action="failed", status="5.1.1", returned="Message-ID: <ours@example.com>")
    raw = (
        "From: Ayşe <ayse@customer.example>\r\nSubject: Bu ne demek?\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
        f"--o\r\n\r\nBakar mısınız?\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n{attached}\r\n--o--"
    )
    message = read_mail(raw.encode())
    assert message.bounce is None and not message.automatic


def test_a_genuine_bounce_of_a_real_server_points_back_to_our_message(mail_server: MailServer) -> None:
    address = "bounced@example.com"
    inbox = registry.get("email")(address, mail_server.settings(address))
    message_id = inbox.new_message_id("t0k3n")
    recipient = Address("bounce@customer.example")
    inbox.send(OutgoingMessage(message_id, Address(address), recipient, subject="x", text="y"), lambda: None)
    (raw,) = mail_server.wait_for_mails(address)
    found = read_mail(raw)
    assert found.bounce is not None and found.automatic and found.bounce.original_message_id == message_id
    assert [(one, final) for one, _status, final in found.bounce.recipients] == [("bounce@customer.example", True)]
