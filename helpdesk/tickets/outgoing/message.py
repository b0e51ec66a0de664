"""A stored message as its channel sends it."""

from __future__ import annotations

from sqlalchemy import select

from channels.messages import Address, Attachment, OutgoingMessage
from helpdesk.extensions import db
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Delivery, Message
from helpdesk.tickets.outgoing import below, recipients

MOST_REFERENCES = 20


def outgoing(delivery: Delivery) -> OutgoingMessage:
    """The copy of the delivery's message for its recipient: equal for all recipients but for who gets it."""
    message, inbox = delivery.message, delivery.inbox
    return OutgoingMessage(
        message_id=message.message_id,
        sender=Address(**message.sender) if message.sender else Address(inbox.address, inbox.name),
        recipient=Address(delivery.recipient, delivery.recipient_name),
        to=_addresses(message.to),
        cc=_addresses(message.cc),
        subject=message.subject,
        text=below.as_text(message),
        html=below.as_html(message),
        attachments=tuple(
            Attachment(item.filename, item.content_type, bytes(item.blob.data), item.inline, item.content_id)
            for item in message.attachments
        ),
        in_reply_to=message.in_reply_to,
        references=_references(message),
        automatic=message.automatic,
        language=message.ticket.customer.language or inbox.language,
        date=message.created_at,
        token=tokens.for_delivery(delivery.id),
    )


def _addresses(people: list[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(person["address"], person["name"]) for person in people)


def _references(message: Message) -> tuple[str, ...]:
    """The Message-IDs of the conversation before, oldest first (RFC 5322 §3.6.4)."""
    ids = db.session.scalars(
        select(Message.message_id)
        .where(
            Message.ticket_id == message.ticket_id,
            Message.side_conversation_id.is_not_distinct_from(message.side_conversation_id),
            Message.id < message.id,
            recipients.among(message.ticket),
            Message.message_id != "",
        )
        .order_by(Message.id.desc())
        .limit(MOST_REFERENCES)
    )
    return tuple(reversed(list(ids)))
