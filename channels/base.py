"""What every channel is: the contract between connectors and the helpdesk.

A channel turns provider items into neutral frozen dataclasses and back. It knows nothing of Flask, SQLAlchemy, RQ or
the helpdesk; user-visible sentences are made from the ``code`` of a failure by the helpdesk, in the reader's language.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from channels.consent import Consent, TokenSource
from channels.failures import ForgedRequest, ProblemCode
from channels.messages import (
    Batch,
    Cursor,
    DeliveryUpdate,
    IncomingMessage,
    OutgoingMessage,
    RawItem,
    Receipt,
    WebhookRequest,
    WebhookResult,
)


def N_(text: str) -> str:
    """Mark a text of a channel for translation; the helpdesk translates it where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting that an inbox of this channel needs; the admin's form is generated from these.

    ``bound_to`` names settings that say where a secret is sent: when one of them changes, what was stored is not kept.
    ``addresses`` are addresses of the channel, separated by commas; a ``template`` is lines of text with variables.
    ``when``: it is asked for only while the setting of this name has one of these values.
    """

    name: str
    label: str
    kind: Literal["text", "integer", "password", "choice", "addresses", "template"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    required: bool = True
    group: str = ""
    help: str = ""
    bound_to: tuple[str, ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None

    @property
    def secret(self) -> bool:
        return self.kind == "password"

    def applies(self, values: Mapping[str, str]) -> bool:
        """Whether it is asked for beside these other settings."""
        return self.when is None or values.get(self.when[0], "") in self.when[1]


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings of a well-known provider, filled into the form by one click; ``help`` says what he asks for besides."""

    name: str
    values: Mapping[str, str]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry; screens and verbs ask these instead of the channel's name."""

    html: bool = False
    subject: bool = False
    cc: bool = False
    attachments: bool = False
    listens: bool = False  # has sources to listen to (IMAP); otherwise it is fed by its webhook
    webhook: bool = False  # is fed by requests to the inbox's hook URL (``verify``)
    survey: bool = False  # a survey invitation may be sent as a message of its own


@dataclass(frozen=True, slots=True)
class Limits:
    text_chars: int | None = None
    attachment_bytes: int | None = None  # one attachment
    message_bytes: int | None = None  # a whole message as sent


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of a check, in the order tried. ``ok`` is None when it was not reached.

    ``proposes``: values that the server suggests for settings that are empty.
    """

    step: Literal["resolve_in", "connect_in", "login_in", "folder", "resolve_out", "connect_out", "login_out", "send"]
    ok: bool | None
    milliseconds: int = 0
    code: ProblemCode | None = None
    detail: str = ""
    proposes: tuple[tuple[str, str], ...] = ()


class Source(Protocol):
    """An open connection to one place that messages arrive at (an IMAP folder)."""

    def fetch(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield what came after the cursor, oldest first, in batches small enough to hold in memory."""

    def acknowledge(self, batch: Batch) -> None:
        """Tell the server that the batch is stored. Best effort; state must never depend on it."""

    def wait(self, seconds: float) -> bool:
        """Return True as soon as something may have arrived, False after ``seconds`` without.

        Cheap to call again and again with a second or so, as a process that may be told to stop does. Raises
        TemporaryFailure when the line is dead.
        """

    def inventory(self, cursor: Cursor | None) -> Iterator[str]:
        """Yield the key of everything that the server holds now (for ``reconcile``), as ``fetch`` would name it."""

    def fetch_keys(self, keys: Sequence[str]) -> Iterator[RawItem]:
        """Yield the named items that still exist."""

    def lacks(self, keys: Collection[str]) -> set[str]:
        """Those of the keys under which nothing is found any more, whatever the reason."""

    def close(self) -> None: ...


class Outbox(Protocol):
    """A way out that several messages of one inbox take one after another, over one connection where that is possible."""

    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        """As ``Channel.send``. What went wrong with one message does not concern the next."""

    def close(self) -> None:
        """Let go of the connection. Raises nothing."""


class Channel(ABC):
    """A connector for one inbox: made from the inbox's address and settings, cheap to make, holds no connection."""

    kind: ClassVar[str]
    label: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    presets: ClassVar[tuple[Preset, ...]] = ()
    capabilities: ClassVar[Capabilities] = Capabilities()
    limits: ClassVar[Limits] = Limits()
    by_consent: ClassVar[tuple[str, tuple[str, ...]] | None] = None
    """The setting, and its values, with which an inbox signs in by its owner's consent."""

    def __init__(self, address: str, settings: Mapping[str, str], tokens: TokenSource | None = None) -> None:
        self.address = address
        self.values = settings
        self.tokens = tokens

    @classmethod
    def consent(cls, address: str, settings: Mapping[str, str]) -> Consent | None:  # noqa: ARG003
        """The way to the owner's consent, for an inbox that signs in with tokens; None for all others."""
        return None

    @classmethod
    @abstractmethod
    def normalise(cls, address: str) -> str:
        """The one form under which an address of this channel is stored and compared. Raises ValueError if none."""

    @classmethod
    def stem(cls, address: str) -> str:
        """A normal address without what its owner may add to it freely, such as the ``+tag`` of a mail address."""
        return address

    def addresses(self) -> tuple[str, ...]:
        """Every address under which this inbox is written to, in normal form, its own first."""
        return (self.address,)

    @property
    def quotes(self) -> bool:
        """Whether what was said before is sent along below an answer."""
        return False

    def signature(self, language: str) -> str:  # noqa: ARG002
        """The template of what is sent below an answer in this language; empty for none."""
        return ""

    def file_bytes(self) -> int | None:
        """How many bytes of files one message can carry; None when the channel names no limit."""
        return self.limits.attachment_bytes

    @abstractmethod
    def parse(self, item: RawItem) -> Sequence[IncomingMessage | DeliveryUpdate]:
        """Interpret one raw item. Any bytes must give something; what was unreadable is in ``defects``."""

    @abstractmethod
    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        """Send one message to one recipient.

        Calls ``handover()`` once, just before the bytes that make the provider responsible: a crash before that is
        safe to repeat. Raises TemporaryFailure, PermanentFailure or UnknownOutcome.
        """

    def outbox(self) -> Outbox:
        """A way out for several messages; its user closes it."""
        return _SingleSends(self)

    def keep_copy(self, message: OutgoingMessage) -> bool:  # noqa: ARG002
        """Put a copy of what was sent where the inbox's owner looks for it; False where none is wanted.

        Raises TemporaryFailure.
        """
        return False

    @abstractmethod
    def check(self, *, send_to: str | None = None) -> Iterator[CheckStep]:
        """Try to receive, then to send (a test mail to ``send_to`` if given, else only up to the login)."""

    def sources(self) -> Sequence[str]:
        """Names of the places to listen to; empty for channels fed by a webhook."""
        return ()

    def open(self, source: str) -> Source:
        """Connect to one source. Raises TemporaryFailure (``whole_inbox``) when that fails."""
        raise NotImplementedError(f"{self.kind} has nothing to listen to")

    def verify(self, request: WebhookRequest) -> WebhookResult:  # noqa: ARG002
        """Prove where a request to the inbox's hook comes from, over its raw bytes, and hand over what it brought.

        Also answers a provider's challenge, without items. Raises ForgedRequest.
        """
        raise ForgedRequest(f"{self.kind} has no webhook")

    def new_message_id(self, token: str) -> str:
        """A fresh identifier for an outgoing message, carrying ``token`` (opaque, [0-9a-z.-]) where the channel can."""
        raise NotImplementedError(f"{self.kind} does not name its messages")


@dataclass(frozen=True, slots=True)
class _SingleSends:
    """The outbox of a channel that keeps no connection: each message finds its own way."""

    channel: Channel

    def send(self, message: OutgoingMessage, handover: Callable[[], None]) -> Receipt:
        return self.channel.send(message, handover)

    def close(self) -> None:
        return None
