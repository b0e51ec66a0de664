"""Handing mail to a real SMTP server, and to one that misbehaves on purpose."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Session

from channels import registry
from channels.base import Channel
from channels.failures import PermanentFailure, TemporaryFailure, UnknownOutcome
from channels.messages import Address, Attachment, OutgoingMessage
from tests.rigs.mailserver import MailServer
from tests.rigs.ports import free_ports

HTML = '<p>Merhaba <b>Ayşe</b> <img src="cid:logo@temas"></p>'


def inbox(server: MailServer, **changes: str) -> Channel:
    address = "destek@example.com"
    return registry.get("email")(address, server.settings(address, **changes))


def outgoing(recipient: str, **fields: object) -> OutgoingMessage:
    values: dict[str, object] = {
        "message_id": "1f2e.token@example.com",
        "sender": Address("destek@example.com", "Ayşe Güneş, Destek"),
        "recipient": Address(recipient, "İbrahim Çağlar"),
        "subject": "Siparişiniz yola çıktı: şğıİÖÇ",
        "text": "Merhaba,\n\n.nokta ile başlayan satır\nİyi günler\n",
    }
    return OutgoingMessage(**{**values, **fields})  # type: ignore[arg-type]


def arrived(server: MailServer, recipient: str) -> EmailMessage:
    (raw,) = server.wait_for_mails(recipient)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_turkish_text_html_images_and_files_arrive_as_they_were(mail_server: MailServer) -> None:
    files = (
        Attachment("fatura ş ı.pdf", "application/pdf", bytes(range(256))),
        Attachment("logo.png", "image/png", b"PNG", True, "logo@temas"),
        Attachment("özgün.eml", "message/rfc822", b"Subject: x\n\nbody\n"),
    )
    message = outgoing("whole@customer.example", html=HTML, attachments=files)
    handed: list[bool] = []
    receipt = inbox(mail_server).send(message, lambda: handed.append(True))
    got = arrived(mail_server, "whole@customer.example")
    assert handed == [True] and receipt.provider_id == message.message_id and receipt.detail.startswith("250")
    assert got["Subject"] == message.subject and got["Message-ID"] == "<1f2e.token@example.com>"
    assert got["From"].addresses[0].display_name == message.sender.name
    assert got["To"].addresses[0].display_name == message.recipient.name
    assert content(got, "plain") == message.text and content(got, "html").strip() == HTML
    assert [(part.get_filename(), part.get_content()) for part in got.iter_attachments()] == [
        ("fatura ş ı.pdf", bytes(range(256))),
        ("özgün.eml", b"Subject: x\n\nbody\n"),
    ]
    assert [part["Content-ID"] for part in got.walk() if part.get_filename() == "logo.png"] == ["<logo@temas>"]


def test_every_copy_has_the_same_header(mail_server: MailServer) -> None:
    to, cc = (Address("first@customer.example", "First"),), (Address("second@customer.example", "Second"),)
    for recipient in (*to, *cc):
        inbox(mail_server).send(outgoing(recipient.address, to=to, cc=cc), lambda: None)
    copies = [arrived(mail_server, address.address) for address in (*to, *cc)]
    assert [(copy["To"], copy["Cc"], copy["Message-ID"]) for copy in copies] == [
        ("First <first@customer.example>", "Second <second@customer.example>", "<1f2e.token@example.com>")
    ] * 2


def test_a_reply_names_what_it_answers_and_a_bounded_history(mail_server: MailServer) -> None:
    history = tuple(f"{number}@x" for number in range(500))
    inbox(mail_server).send(outgoing("thread@customer.example", in_reply_to="499@x", references=history), lambda: None)
    got = arrived(mail_server, "thread@customer.example")
    references = got["References"].split()
    assert got["In-Reply-To"] == "<499@x>"
    assert len(references) == 20 and references[0] == "<0@x>" and references[-1] == "<499@x>"


def test_automatic_mail_says_so_and_has_no_return_path(mail_server: MailServer) -> None:
    inbox(mail_server).send(outgoing("auto@customer.example", automatic=True), lambda: None)
    got = arrived(mail_server, "auto@customer.example")
    assert (got["Auto-Submitted"], got["X-Auto-Response-Suppress"], got["Return-path"]) == ("auto-replied", "All", "<>")


@pytest.mark.parametrize("field", ["subject", "sender", "to", "cc", "message_id", "in_reply_to", "references", "language"])
def test_no_field_can_add_a_header(mail_server: MailServer, field: str) -> None:
    evil = "x@x\r\nBcc: evil@customer.example\r\n\r\nbody\nBcc: y"
    people = {"sender": Address(evil, evil), "to": (Address(evil, evil),), "cc": (Address(evil, evil),)}
    value: object = {**people, "references": (evil,)}.get(field, evil)
    recipient = f"inject-{field.replace('_', '-')}@customer.example"
    message = outgoing(recipient, **{field: value})
    if field == "sender":
        message = outgoing(recipient, sender=Address("destek@example.com", evil))
    inbox(mail_server).send(message, lambda: None)
    assert arrived(mail_server, recipient)["Bcc"] is None


def test_a_refused_recipient_is_permanent_and_keeps_the_servers_words(mail_server: MailServer) -> None:
    handed: list[bool] = []
    with pytest.raises(PermanentFailure, match=r"5\.1\.1 no such user") as failure:
        inbox(mail_server).send(outgoing("gone@customer.example"), lambda: handed.append(True))
    assert failure.value.code == "recipient" and not handed


def test_a_busy_server_is_temporary(mail_server: MailServer) -> None:
    with pytest.raises(TemporaryFailure, match=r"4\.2\.1 try later") as failure:
        inbox(mail_server).send(outgoing("busy@customer.example"), lambda: None)
    assert failure.value.code == "busy" and not failure.value.whole_inbox


def test_a_refused_sender_is_permanent(mail_server: MailServer) -> None:
    with pytest.raises(PermanentFailure) as failure:
        inbox(mail_server).send(outgoing("x@customer.example", sender=Address("refused@example.com")), lambda: None)
    assert failure.value.code == "sender"


def test_a_wrong_password_breaks_the_inbox_and_not_the_message(mail_server: MailServer) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        inbox(mail_server, smtp_password="hunter2").send(outgoing("x@customer.example"), lambda: None)
    assert failure.value.code == "login" and failure.value.whole_inbox and "hunter2" not in str(failure.value)


def test_no_smtp_user_means_no_login(mail_server: MailServer) -> None:
    inbox(mail_server, smtp_user="", smtp_password="").send(outgoing("nologin@customer.example"), lambda: None)
    assert arrived(mail_server, "nologin@customer.example")


def test_a_server_that_is_away_is_temporary(mail_server: MailServer) -> None:
    with pytest.raises(TemporaryFailure) as failure:
        inbox(mail_server, smtp_port=str(free_ports(1)[0])).send(outgoing("x@customer.example"), lambda: None)
    assert failure.value.code == "unreachable" and failure.value.whole_inbox


def test_an_impossible_recipient_is_refused_before_anything_is_said() -> None:
    for address in ("", "nobody", "a@b\r\nRCPT TO:<c@d>", "a b@c"):
        with pytest.raises(PermanentFailure):
            registry.get("email")("x@example.com", {}).send(outgoing(address), lambda: None)


def test_addresses_beyond_ascii_arrive_where_the_server_takes_them(mail_server: MailServer) -> None:
    inbox(mail_server).send(outgoing("ayşe@customer.example"), lambda: None)
    assert arrived(mail_server, "ayşe@customer.example")


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_mail_is_sent_over_tls(trusted_mail_server: MailServer, security: str) -> None:
    address = f"tls-{security}@customer.example"
    channel = registry.get("email")("t@example.com", trusted_mail_server.settings("t@example.com", security))
    channel.send(outgoing(address), lambda: None)
    assert "TLS" in arrived(trusted_mail_server, address)["Received"]


class Faulty:
    """An SMTP server that does something wrong with the content."""

    def __init__(self, fault: Callable[[Session], str]) -> None:
        self.fault = fault
        self.received = 0

    async def handle_DATA(self, server: Session, session: object, envelope: object) -> str:
        self.received += 1
        return self.fault(server)


def hang_up(server: Session) -> str:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    return "250 nobody will hear this"


@pytest.fixture
def faulty() -> Iterator[Callable[..., tuple[Channel, Faulty]]]:
    running: list[Controller] = []

    def start(fault: Callable[[Session], str], **options: object) -> tuple[Channel, Faulty]:
        handler = Faulty(fault)
        controller = Controller(handler, hostname="127.0.0.1", port=free_ports(1)[0], **options)  # type: ignore[arg-type]
        controller.start()
        running.append(controller)
        values = {"smtp_host": "127.0.0.1", "smtp_port": str(controller.port), "smtp_security": "none"}
        return registry.get("email")("destek@example.com", values), handler

    yield start
    for controller in running:
        controller.stop()


def test_a_line_that_breaks_after_the_content_leaves_the_outcome_unknown(
    faulty: Callable[..., tuple[Channel, Faulty]],
) -> None:
    channel, server = faulty(hang_up)
    handed: list[int] = []
    with pytest.raises(UnknownOutcome):
        channel.send(outgoing("x@customer.example"), lambda: handed.append(server.received))
    assert handed == [0] and server.received == 1


def test_content_refused_for_now_is_temporary_and_for_good_is_permanent(
    faulty: Callable[..., tuple[Channel, Faulty]],
) -> None:
    channel, _server = faulty(lambda _server: "451 4.3.0 greylisted")
    with pytest.raises(TemporaryFailure, match="greylisted"):
        channel.send(outgoing("x@customer.example"), lambda: None)
    channel, _server = faulty(lambda _server: "554 5.7.1 looks like spam")
    with pytest.raises(PermanentFailure, match="looks like spam") as failure:
        channel.send(outgoing("x@customer.example"), lambda: None)
    assert failure.value.code == "policy"


def test_a_mail_larger_than_the_server_takes_is_not_even_begun(faulty: Callable[..., tuple[Channel, Faulty]]) -> None:
    channel, server = faulty(lambda _server: "250 ok", data_size_limit=10_000)
    with pytest.raises(PermanentFailure) as failure:
        channel.send(outgoing("x@customer.example", text="x " * 10_000), lambda: None)
    assert failure.value.code == "too_large" and server.received == 0


def test_an_address_beyond_ascii_is_refused_where_the_server_cannot_take_it(
    faulty: Callable[..., tuple[Channel, Faulty]],
) -> None:
    channel, _server = faulty(lambda _server: "250 ok", enable_SMTPUTF8=False)
    with pytest.raises(PermanentFailure) as failure:
        channel.send(outgoing("ayşe@customer.example"), lambda: None)
    assert failure.value.code == "recipient"


def test_a_crash_at_handover_sends_nothing(faulty: Callable[..., tuple[Channel, Faulty]]) -> None:
    channel, server = faulty(lambda _server: "250 ok")

    def crash() -> None:
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        channel.send(outgoing("x@customer.example"), crash)
    assert server.received == 0
