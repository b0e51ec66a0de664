"""Email: IMAP in, SMTP out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from channels.base import N_, Capabilities, Channel, CheckStep, Limits, Source
from channels.consent import Consent
from channels.mailbox import addresses as mail_addresses
from channels.mailbox import oauth as mail_oauth
from channels.mailbox.check import Mailbox, check_mailbox
from channels.mailbox.compose import compose
from channels.mailbox.imap import Folder
from channels.mailbox.imap_append import append
from channels.mailbox.outbox import MailOutbox
from channels.mailbox.presets import PRESETS
from channels.mailbox.sent import as_sent
from channels.mailbox.settings import BY_CONSENT, SETTINGS, Endpoint, folders, incoming, outgoing, sent_folders, size_bytes
from channels.messages import Address, DeliveryUpdate, IncomingMessage, OutgoingMessage, RawItem, Receipt
from channels.mime.forward import forwarded_from
from channels.mime.message import read_mail
from channels.mime.origin import trusted

TEXT_BYTES = 200_000  # left for the header, the text and what is quoted
BASE64_GROWTH = 4 / 3 * 78 / 76


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
        return mail_addresses.normal(address)

    @classmethod
    def stem(cls, address: str) -> str:
        return mail_addresses.stem(address)

    def addresses(self) -> tuple[str, ...]:
        return mail_addresses.own(self.address, self.values)

    @property
    def quotes(self) -> bool:
        return self.values.get("quote_history") != "no"

    def signature(self, language: str) -> str:
        return self.values.get(f"signature_{language}", "")

    def file_bytes(self) -> int:
        """What is left of the largest mail beside its text, before base64 makes four bytes and a line end of three."""
        return int(max(size_bytes(self.values) - TEXT_BYTES, 0) / BASE64_GROWTH)

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
        """Send one copy over a connection of its own."""
        with closing(self.outbox()) as outbox:
            return outbox.send(message, handover)

    def outbox(self) -> MailOutbox:
        return MailOutbox(self._domain(), self.values, self._outgoing)

    def keep_copy(self, message: OutgoingMessage) -> bool:
        """Put the mail into the folder set for that, read; Temas knows it again by its Message-ID."""
        folder = self.values.get("sent_folder", "").strip()
        if not folder:
            return False
        append(self._incoming(), folder, compose(message))
        return True

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

    def _send_test(self, send_to: str) -> None:
        me = Address(self.address)
        text = "This is a test mail: the inbox can send."
        test = OutgoingMessage(self.new_message_id("test"), me, Address(send_to), subject="Temas", text=text, automatic=True)
        self.send(test, lambda: None)
