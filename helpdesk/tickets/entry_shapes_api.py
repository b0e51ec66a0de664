"""The JSON of timelines and of what agents write."""

from __future__ import annotations

from typing import Any

from flask import url_for
from marshmallow import fields

from helpdesk.api.values import Answer, Instant, Listed, Number, Schema, Text, length, one_of, page_of
from helpdesk.tickets.models import Attachment, Delivery, Message
from helpdesk.tickets.models import Entry as EntryRow

WORTH_KNOWING = ("failed", "unknown", "sending", "queued", "sent", "delivered", "read", "cancelled")
"""Of several recipients' states, the first of these says how the message is doing."""


class Actor(Answer):
    """Who did it."""

    kind = fields.String(required=True, validate=one_of(("customer", "agent", "system", "third_party")))
    id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)


class ActorOf(fields.Nested):
    """The actor of an entry, whose parts are columns of the entry."""

    def _serialize(self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # noqa: ARG002
        return {"kind": obj.actor_kind, "id": obj.actor_id, "name": obj.actor_name}


class Entry(Answer):
    """One line of a timeline. ``data`` depends on ``kind``; a message's has what was said (docs/api.md)."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    occurred_at = Instant(required=True)
    actor = ActorOf(Actor, required=True, attribute="actor_kind")
    ticket = fields.Integer(required=True, allow_none=True, attribute="ticket_id")
    channel = fields.String(required=True)
    data = fields.Function(lambda entry: _data(entry), required=True, metadata={"type": "object"})


class TimelineQuery(Listed):
    """Which part of a timeline."""

    sort = fields.String(load_default="-id", validate=one_of(("-id", "id")))


class Note(Schema):
    """What an agent writes for his colleagues."""

    text = Text(load_default="")
    html = Text(load_default="")
    attachments = fields.List(Number(), load_default=list, validate=length(0, 100))


class Reply(Note):
    """What an agent writes to the customer. Recipients are ``a@b.example`` or ``Name <a@b.example>``."""

    to = fields.List(Text(most=320), validate=length(1, 100), metadata={"description": "Instead of who wrote last."})
    cc = fields.List(Text(most=320), validate=length(0, 100), metadata={"description": "Instead of who was on copy."})
    bcc = fields.List(
        Text(most=320), validate=length(0, 100), metadata={"description": "Get a copy that nobody else hears of."}
    )
    close = fields.Boolean(load_default=False)
    seen_entry = Number(least=0, allow_none=True, metadata={"description": "409 when the customer said more since."})
    undo_seconds = Number(least=0, most=300, metadata={"description": "How long it can be taken back."})
    send_at = fields.AwareDateTime(metadata={"description": "When to send it; it is stopped when somebody answers first."})


EntryPage = page_of(Entry)


def _data(entry: EntryRow) -> dict[str, Any]:
    return {**entry.data, **_message(entry.message)} if entry.message is not None else entry.data


def _message(message: Message) -> dict[str, Any]:
    return {
        "message": message.id,
        "direction": message.direction,
        "subject": message.subject,
        "text": message.text,
        "visible_text": message.visible_text,
        "html": message.html,
        "from": _writer(message),
        "to": message.to,
        "cc": message.cc,
        "bcc": message.bcc,
        "sent_as": message.sender or None,
        "signature": message.signature,
        "quoted": message.quoted,
        "side_conversation": message.side_conversation_id,
        "message_id": message.message_id,
        "automatic": message.automatic,
        "attachments": [_attachment(file) for file in message.attachments],
        "delivery": _delivery(message.deliveries),
    }


def _writer(message: Message) -> dict[str, str] | None:
    identity = message.identity
    return {"address": identity.address, "name": identity.name} if identity is not None else None


def _attachment(file: Attachment) -> dict[str, Any]:
    return {
        "id": file.id,
        "filename": file.filename,
        "content_type": file.content_type,
        "size": file.size,
        "inline": file.inline,
        "content_id": file.content_id,
        "sha256": file.sha256.hex(),
        "url": url_for("api_timelines.download", attachment_id=file.id),
    }


def _delivery(deliveries: list[Delivery]) -> dict[str, Any] | None:
    if not deliveries:
        return None
    states = {delivery.status for delivery in deliveries}
    return {
        "status": next(state for state in WORTH_KNOWING if state in states),
        "recipients": [
            {"id": one.id, "address": one.recipient, "status": one.status, "code": one.code, "detail": one.detail}
            for one in deliveries
        ],
    }
