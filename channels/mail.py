"""Email: IMAP in, SMTP out."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from channels import mail_oauth, smtp
from channels.base import (
    N_,
    Address,
    Capabilities,
    Channel,
    CheckStep,
    DeliveryUpdate,
    IncomingMessage,
    Limits,
    OutgoingMessage,
    PermanentFailure,
    RawItem,
    Receipt,
    Source,
)
from channels.consent import Consent
from channels.imap import Folder
from channels.mail_check import Mailbox, check_mailbox
from channels.mail_compose import compose
from channels.mail_forward import forwarded_from
from channels.mail_origin import trusted
from channels.mail_presets import PRESETS
from channels.mail_sent import as_sent
from channels.mail_settings import BY_CONSENT, SETTINGS, Endpoint, folders, incoming, outgoing, sent_folders
from channels.mime import read_mail

UNUSABLE = re.compile(r"[\x00-\x20\x7f<>]")


class EmailChannel(Channel):
    """One mailbox, written to under one address."""

    kind = "email"
    label = N_("Email")
    settings = SETTINGS
    presets = PRESETS
    capabilities = Capabilities(html=True, subject=True, cc=True, attachments=True, listens=True, survey=True)
    limits = Limits(attachment_bytes=25_000_000, message_bytes=35_000_000)
    by_consent = BY_CONSENT

    @classmethod
    def normalise(cls, address: str) -> str:
        """Lower case, the domain in Unicode (RFC 5321 lets local parts differ by case; no provider does)."""
        local, at, domain = address.strip().lower().rpartition("@")
        if not (local and at and domain) or UNUSABLE.search(local + domain) or domain.startswith("."):
            raise ValueError(f"{address!r} is not a mail address")
        try:
            return f"{local}@{domain.encode('ascii').decode('idna') if 'xn--' in domain else domain}"
        except UnicodeError:
            return f"{local}@{domain}"

    @classmethod
    def consent(cls, address: str, settings: Mapping[str, str]) -> Consent | None:
        return mail_oauth.consent(address, settings)

    def parse(self, item: RawItem) -> Sequence[IncomingMessage | DeliveryUpdate]:
        """One message, whatever the bytes; of a report that all has arrived only that."""
        message = read_mail(item.raw, self.address, trusted(self.values))
        if item.meta.get("sent"):
            return [as_sent(message, item.raw)]
        if message.receipts and not message.bounce:
            return message.receipts
        return [replace(message, forwarded_from=forwarded_from(message)), *message.receipts]

    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        """Send one copy; the same Message-ID and header for every recipient's copy."""
        recipient = self._usable(message.recipient)
        data = compose(message)
        endpoint = self._outgoing()
        connection = self._connected()
        try:
            sender = self._return_path(connection, message)
            receipt = smtp.transmit(connection, endpoint, sender, recipient, data, handover)
        except BaseException:
            connection.close()
            raise
        smtp.quit_politely(connection)
        return Receipt(message.message_id, receipt.detail)

    def check(self, *, send_to: str | None = None) -> Iterator[CheckStep]:
        """Try each step of receiving, then of sending."""
        mailbox = Mailbox(self.sources(), self._domain(), finds_sent=not sent_folders(self.values))
        send = partial(self._send_test, send_to) if send_to else lambda: None
        return check_mailbox(self._incoming, self._outgoing, mailbox, send)

    def sources(self) -> Sequence[str]:
        return tuple(dict.fromkeys([*folders(self.values), *sent_folders(self.values)]))

    def open(self, source: str) -> Source:
        """Connect to one folder. Raises TemporaryFailure (whole_inbox)."""
        return Folder(self._incoming().ready(), source, sent=source in sent_folders(self.values))

    def new_message_id(self, token: str) -> str:
        """``token@domain`` of our address, without brackets: short enough that no mail program folds it."""
        return f"{token}@{self._domain()}"

    def _connected(self) -> smtplib.SMTP:
        endpoint = self._outgoing()
        connection = smtp.connect(endpoint, self._domain())
        with smtp.closing_on_failure(connection):
            smtp.login(connection, endpoint)
        return connection

    def _incoming(self) -> Endpoint:
        return incoming(self.address, self.values, self.tokens)

    def _outgoing(self) -> Endpoint:
        return outgoing(self.address, self.values, self.tokens)

    def _domain(self) -> str:
        domain = self.address.rpartition("@")[2]
        try:
            return domain.encode("idna").decode("ascii") or "localhost"
        except UnicodeError:
            return "localhost"

    @staticmethod
    def _usable(recipient: Address) -> str:
        if "@" not in recipient.address or UNUSABLE.search(recipient.address):
            raise PermanentFailure("recipient", "not a mail address")
        return recipient.address

    @staticmethod
    def _return_path(connection: smtplib.SMTP, message: OutgoingMessage) -> str:
        """Nobody for automatic mail, so that nothing can answer it (RFC 3834 §3.3); some servers refuse even that."""
        if not message.automatic:
            return message.sender.address
        accepted = connection.mail("")[0] == 250
        connection.rset()
        return "" if accepted else message.sender.address

    def _send_test(self, send_to: str) -> None:
        me = Address(self.address)
        text = "This is a test mail: the inbox can send."
        test = OutgoingMessage(self.new_message_id("test"), me, Address(send_to), subject="Temas", text=text, automatic=True)
        self.send(test, lambda: None)
