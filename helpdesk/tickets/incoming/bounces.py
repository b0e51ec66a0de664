"""What a bounce does once it proves itself: its delivery has failed or is delayed, and the address is marked.

Anybody can write what looks like a report. One counts when it gives back what we signed and sent out with the mail: its
Message-ID, or the token of one delivery in the envelope (``returned``). Any other is only shown.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from channels.messages import Bounce
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.timeline import SYSTEM, record

LATEST = timedelta(days=7)
"""How long after sending a bounce that proves nothing is still shown beside the last message to its address."""

OPEN = ("sent", "unknown", "delivered")
MOST_RECIPIENTS = 100
UNNAMED = "5.0.0"
"""The status of who failed by a report that names nobody: undefined (RFC 3463 §3.1)."""


def is_proven(bounce: Bounce) -> bool:
    """Whether it names a message that we have signed."""
    return tokens.ticket_of(bounce.original_message_id) is not None


def likely_ticket(inbox: Inbox, bounce: Bounce) -> Ticket | None:
    """The ticket of the last message that left for one of the bounce's addresses: where it is shown if it proves nothing."""
    addresses = {address for address, _status, _final in _told(bounce)}
    last = select(Delivery).where(
        one_of(Delivery.recipient, addresses),
        Delivery.inbox_id == inbox.id,
        Delivery.sent_at > clock.now() - LATEST,
        Delivery.status.in_(OPEN),
    )
    delivery = db.session.scalar(last.order_by(Delivery.id.desc()).limit(1))
    return delivery.message.ticket if delivery is not None else None


def note(inbox: Inbox, ticket: Ticket, bounce: Bounce) -> None:
    """Write a bounce, which is shown on this ticket, down at its deliveries, within the caller's transaction.

    Of a delay only that it is known; of a bounce that is about no delivery of ours only that it changed nothing.
    """
    known, told = _deliveries(inbox, bounce), _told(bounce)
    if not told and len(known) == 1:
        told = [(address, UNNAMED, True) for address in known]
    for address, status, final in told:
        if (delivery := known.get(address)) is not None:
            _note(delivery, status, final)
    if not known:
        record(ticket, "bounce_unproven", SYSTEM, data={"recipient": storable(told[0][0], 320) if told else ""})


def _deliveries(inbox: Inbox, bounce: Bounce) -> dict[str, Delivery]:
    """The deliveries that a proven bounce is about, by their recipients: all of the message if it names nobody."""
    if not is_proven(bounce):
        return {}
    named = select(Delivery).where(Delivery.inbox_id == inbox.id, Delivery.provider_id == bounce.original_message_id)
    if told := {address for address, _status, _final in _told(bounce)}:
        named = named.where(one_of(Delivery.recipient, told))
    return {delivery.recipient: delivery for delivery in db.session.scalars(named.order_by(Delivery.id))}


def _told(bounce: Bounce) -> list[tuple[str, str, bool]]:
    """(address as stored, status, final?) of each recipient."""
    return [(address.lower(), status, final) for address, status, final in bounce.recipients[:MOST_RECIPIENTS]]


def _note(delivery: Delivery, status: str, final: bool) -> None:
    if delivery.status not in OPEN:
        return
    if final:
        delivery.status, delivery.code, delivery.detail = "failed", "recipient", storable(status, 1000)
        deliveries.show(delivery)
    else:
        data = {"delivery": delivery.id, "recipient": delivery.recipient, "detail": status}
        record(delivery.message.ticket, "delivery_delayed", SYSTEM, data=data)
