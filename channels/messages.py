"""What passes between a channel and the helpdesk, neutral of the channel: items, messages in and out, and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from channels.mime.kinds import Invitation, Protection

Cursor = dict[str, Any]
"""Where a source was read up to; opaque JSON that only its channel understands."""


@dataclass(frozen=True, slots=True)
class Address:
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    filename: str
    content_type: str
    data: bytes
    inline: bool = False
    content_id: str = ""  # without angle brackets


@dataclass(frozen=True, slots=True)
class RawItem:
    """One raw inbound item, bytes exactly as they came. ``key`` is unique within its inbox.

    ``history``: it was there long before the inbox was connected, so it is kept and becomes no ticket by itself.
    """

    key: str
    raw: bytes
    meta: Mapping[str, Any] = field(default_factory=dict)
    history: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to be stored in one transaction together with the cursor that follows them."""

    items: Sequence[RawItem]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What somebody sent to an inbox's hook. ``url`` is the public one, as its sender signed it."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class WebhookResult:
    """What a proven request brought, and what its sender is answered once that is stored."""

    items: Sequence[RawItem] = ()
    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery status notification (RFC 3464): (address, status code, permanent?) of each failed recipient."""

    recipients: tuple[tuple[str, str, bool], ...]
    original_message_id: str = ""
    envelope_id: str = ""  # what the sender named the envelope, given back (RFC 3464 §2.2.1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the inbox's own server found out about a sender; ``result`` is empty when it said nothing that we may trust."""

    result: Literal["", "pass", "fail"] = ""
    server: str = ""
    methods: tuple[tuple[str, str], ...] = ()  # (method, result), such as ("dmarc", "fail")
    policy: Literal["", "none", "quarantine", "reject"] = ""  # what the sender's domain wants done with a forgery


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message from outside, neutral of its channel. Text is what was sent; ``visible_text`` is what is new in it."""

    sender: Address
    text: str = ""
    html: str = ""
    visible_text: str = ""
    subject: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""  # without angle brackets, as are the next two
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sent_at: datetime | None = None  # aware; what the sender claims
    automatic: bool = False  # no person wrote it: never answer automatically
    written_by_us: bool = False  # one of us sent it by other means than the helpdesk, under the inbox's address
    bounce: Bounce | None = None
    receipts: tuple[DeliveryUpdate, ...] = ()  # what this report says arrived
    signature: str = ""  # the sender's; not part of the visible text, unless it is a mere "Thanks, Alex"
    authentication: tuple[tuple[str, str], ...] = ()  # (method, result) as claimed by the last server on the way
    authenticated_by: str = ""  # that server's name; the claim is worth only as much as the name is ours
    invitation: Invitation | None = None
    protection: Protection | None = None  # None when it is neither signed nor encrypted
    verdict: Verdict = Verdict()
    delivered_to: tuple[Address, ...] = ()  # the envelope's recipients as servers on the way wrote them down
    forwarded_from: Address | None = None  # who wrote what this message only passes on
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryUpdate:
    """A provider's word on something that we sent."""

    provider_id: str
    status: Literal["sent", "delivered", "read", "failed"]
    detail: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one recipient. ``message_id`` is fixed before sending and is the idempotency key."""

    message_id: str
    sender: Address
    recipient: Address  # who gets this copy
    to: tuple[Address, ...] = ()  # what the headers show
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: bool = False  # sent by a machine: RFC 3834 headers and a null return path
    language: str = ""
    date: datetime | None = None
    token: str = ""
    """Names this copy, [0-9a-z.-]: brought back by whoever reports on it, where the channel can carry it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message over."""

    provider_id: str
    detail: str = ""
