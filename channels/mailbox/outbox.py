"""Sending several mails of one inbox over one SMTP connection, reopened when it has died meanwhile."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from channels.failures import ChannelFailure, PermanentFailure, UnknownOutcome
from channels.mailbox import smtp
from channels.mailbox.addresses import UNUSABLE, return_path
from channels.mailbox.compose import compose
from channels.mailbox.settings import Endpoint
from channels.messages import OutgoingMessage, Receipt

MOST_MAILS = 50  # servers refuse long runs over one connection (Exim and Exchange count them)
IDLE_SECONDS = 20.0


class MailOutbox:
    """The connection of one inbox's SMTP server, made when the first mail leaves and used for those that follow."""

    def __init__(self, greeting_name: str, values: Mapping[str, str], endpoint: Callable[[], Endpoint]) -> None:
        """``greeting_name`` is how we introduce ourselves: a domain in ASCII; ``endpoint`` says where, each time anew."""
        self._name, self._values, self._endpoint = greeting_name, values, endpoint
        self._connection: smtplib.SMTP | None = None
        self._sent, self._used_at = 0, 0.0

    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        """Send one copy; the same Message-ID and header for every recipient's copy."""
        recipient = message.recipient.address
        if "@" not in recipient or UNUSABLE.search(recipient):
            raise PermanentFailure("recipient", "not a mail address")
        data = compose(message)
        endpoint = self._endpoint()
        connection = self._ready()
        try:
            envelope = smtp.Envelope(self._return_path(connection, message), recipient, message.token)
            receipt = smtp.transmit(connection, endpoint, envelope, data, handover)
        except ChannelFailure as failure:
            if isinstance(failure, UnknownOutcome) or getattr(failure, "whole_inbox", False):
                self._drop()
            raise
        except BaseException:
            self._drop()
            raise
        self._sent, self._used_at = self._sent + 1, time.monotonic()
        return replace(receipt, provider_id=message.message_id)

    def close(self) -> None:
        """Say goodbye to the server, if it is still there."""
        if self._connection is not None:
            smtp.quit_politely(self._connection)
        self._connection = None

    def _ready(self) -> smtplib.SMTP:
        """A connection on which nothing is begun; one that died since its last mail is noticed before the hand-over."""
        if self._connection is not None:
            is_worn = self._sent >= MOST_MAILS or time.monotonic() - self._used_at > IDLE_SECONDS
            if is_worn or not _reset(self._connection):
                self.close()
        return self._connected()

    def _connected(self) -> smtplib.SMTP:
        """The greeted, logged-in connection. Raises TemporaryFailure."""
        if self._connection is None:
            endpoint = self._endpoint()
            connection = smtp.connect(endpoint, self._name)
            with smtp.closing_on_failure(connection):
                smtp.login(connection, endpoint)
            self._connection, self._sent = connection, 0
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _return_path(self, connection: smtplib.SMTP, message: OutgoingMessage) -> str:
        """Nobody for automatic mail, so that nothing can answer it (RFC 3834 §3.3); some servers refuse even that."""
        if not message.automatic:
            return return_path(message.sender.address, self._values, message.token)
        accepted = connection.mail("")[0] == 250
        connection.rset()
        return "" if accepted else message.sender.address


def _reset(connection: smtplib.SMTP) -> bool:
    """Forget what a refused mail left behind (RFC 5321 §4.1.1.5); False when the server has gone."""
    try:
        return bool(connection.rset()[0] == 250)
    except (OSError, smtplib.SMTPException):
        return False
