"""Several mails over one connection, what the server is asked to report, where bounces go, and the copy in the mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Session

from channels import registry
from channels.base import Channel
from channels.failures import PermanentFailure, TemporaryFailure
from channels.messages import Address, OutgoingMessage
from tests.rigs.mailserver import MailServer
from tests.rigs.ports import free_ports

REPORTS = re.compile(r" (?:RET|ENVID|NOTIFY)=\S+")


class Server:
    """An SMTP server that offers DSN, remembers what it was told, and can be made to hang up."""

    def __init__(self) -> None:
        self.connections = 0
        self.told: list[str] = []
        self.hang_up = False

    async def handle_EHLO(
        self, _server: Session, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return [*responses[:-1], "250-DSN", responses[-1]]

    async def handle_RCPT(self, _server: Session, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Session, _session: Any, _envelope: Any) -> str:
        if self.hang_up and server.transport is not None:
            server.loop.call_later(0.01, server.transport.close)
        return "250 ok"


class Reporting(Session):
    """A session that takes the parameters of RFC 3461, which aiosmtpd does not know."""

    async def smtp_MAIL(self, arg: str) -> None:
        self.event_handler.told.append(arg)
        await super().smtp_MAIL(REPORTS.sub("", arg))

    async def smtp_RCPT(self, arg: str) -> None:
        self.event_handler.told.append(arg)
        await super().smtp_RCPT(REPORTS.sub("", arg))


class ReportingController(Controller):
    def factory(self) -> Session:
        return Reporting(self.handler, **self.SMTP_kwargs)


@pytest.fixture
def server() -> Iterator[tuple[Controller, Server]]:
    handler = Server()
    controller = ReportingController(handler, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    yield controller, handler
    controller.stop()


def inbox(controller: Controller, **settings: str) -> Channel:
    values = {"smtp_host": "127.0.0.1", "smtp_port": str(controller.port), "smtp_security": "none", **settings}
    return registry.get("email")("destek@example.com", values)


def message(recipient: str = "x@customer.example", **changes: Any) -> OutgoingMessage:
    return OutgoingMessage("1@example.com", Address("destek@example.com"), Address(recipient), text="Merhaba", **changes)


def send(channel: Channel, *messages: OutgoingMessage) -> None:
    with closing(channel.outbox()) as outbox:
        for each in messages:
            outbox.send(each, lambda: None)


def test_several_mails_share_a_connection_and_a_refused_one_does_not_spoil_it(server: tuple[Controller, Server]) -> None:
    controller, handler = server
    with closing(inbox(controller).outbox()) as outbox:
        outbox.send(message(), lambda: None)
        with pytest.raises(PermanentFailure):
            outbox.send(message("gone@customer.example"), lambda: None)
        outbox.send(message("y@customer.example"), lambda: None)
    assert (handler.connections, len(handler.told)) == (1, 6)


def test_a_connection_that_died_in_between_is_made_anew_before_the_handover(server: tuple[Controller, Server]) -> None:
    controller, handler = server
    with closing(inbox(controller).outbox()) as outbox:
        handler.hang_up = True
        outbox.send(message(), lambda: None)
        outbox._connection.sock.recv(1)  # type: ignore[attr-defined]  # until the server has hung up
        handler.hang_up = False
        handed: list[bool] = []
        outbox.send(message("y@customer.example"), lambda: handed.append(True))
    assert (handler.connections, len(handler.told), handed) == (2, 4, [True])


def test_the_server_is_asked_to_report_failures_and_delays(server: tuple[Controller, Server]) -> None:
    controller, handler = server
    send(inbox(controller), message(token="d7.abc"), message(token="d8.abc", automatic=True))
    mail, recipient, nobody, nobodys_probe, silent = handler.told
    assert "RET=HDRS ENVID=d7.abc" in mail and recipient.endswith("NOTIFY=FAILURE,DELAY")
    assert nobody.startswith("FROM:<>") and nobodys_probe.startswith("FROM:<>")
    assert not REPORTS.search(nobodys_probe + silent)


@pytest.mark.parametrize(
    ("setting", "sender"),
    [
        ("", "destek@example.com"),
        ("bounces@example.com", "bounces@example.com"),
        ("destek+*@example.com", "destek+d7.abc@example.com"),
        ("nonsense", "destek@example.com"),
    ],
)
def test_bounces_go_where_the_inbox_wants_them(server: tuple[Controller, Server], setting: str, sender: str) -> None:
    controller, handler = server
    send(inbox(controller, bounce_address=setting), message(token="d7.abc"))
    assert handler.told[0].startswith(f"FROM:<{sender}>")


def test_a_copy_is_kept_in_the_folder_that_is_named_for_it(mail_server: MailServer) -> None:
    address = "kopya@example.com"
    channel = registry.get("email")(address, mail_server.settings(address, sent_folder="INBOX"))
    assert channel.keep_copy(message())
    [copy] = mail_server.mails(address)
    assert b"Message-ID: <1@example.com>" in copy
    assert not registry.get("email")(address, mail_server.settings(address)).keep_copy(message())
    with pytest.raises(TemporaryFailure) as failure:
        registry.get("email")(address, mail_server.settings(address, sent_folder="Nowhere/x")).keep_copy(message())
    assert (failure.value.code, failure.value.whole_inbox) == ("folder", False)


def test_files_are_measured_as_they_travel() -> None:
    small = registry.get("email")("destek@example.com", {"size_mb": "10"}).file_bytes()
    assert small is not None and 6_900_000 < small < 7_400_000
