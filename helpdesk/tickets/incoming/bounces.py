"""What a bounce does: the delivery it is about has failed or is delayed, and the address is marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from channels.messages import Bounce
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.timeline import SYSTEM, record

LATEST = timedelta(days=7)
"""How long after sending a bounce that names no message is still about the last one to its address."""

OPEN = ("sent", "unknown", "delivered")


def about(inbox: Inbox, bounce: Bounce) -> list[tuple[Delivery, str, bool]]:
    """The deliveries that a bounce is about, each with the server's status and whether that is final.

    By the Message-ID it returned; where it returned none, the last delivery of this inbox to each recipient. A report
    that names nobody is about the only recipient of the message it returned, if there was only one.
    """
    if not bounce.recipients:
        return _only(inbox, bounce.original_message_id)
    found = []
    for address, status, permanent in bounce.recipients[:100]:
        named = select(Delivery).where(Delivery.inbox_id == inbox.id, Delivery.recipient == address.lower())
        if bounce.original_message_id:
            named = named.where(Delivery.provider_id == bounce.original_message_id)
        else:
            named = named.where(Delivery.sent_at > clock.now() - LATEST, Delivery.status.in_(OPEN))
        if delivery := db.session.scalar(named.order_by(Delivery.id.desc()).limit(1)):
            found.append((delivery, status, permanent))
    return found


def _only(inbox: Inbox, message_id: str) -> list[tuple[Delivery, str, bool]]:
    if not message_id:
        return []
    named = select(Delivery).where(Delivery.inbox_id == inbox.id, Delivery.provider_id == message_id).limit(2)
    deliveries_of_it = db.session.scalars(named).all()
    return [(deliveries_of_it[0], "5.0.0", True)] if len(deliveries_of_it) == 1 else []


def ticket_of(inbox: Inbox, bounce: Bounce) -> Ticket | None:
    """The ticket whose message came back without a Message-ID of ours."""
    if bounce.original_message_id:
        return None
    return next((delivery.message.ticket for delivery, _status, _final in about(inbox, bounce)), None)


def note(inbox: Inbox, bounce: Bounce) -> None:
    """Write the bounce down at its deliveries, within the caller's transaction; of a delay only that it is known."""
    _note(about(inbox, bounce))


def _note(found: Sequence[tuple[Delivery, str, bool]]) -> None:
    for delivery, status, permanent in found:
        if delivery.status not in OPEN:
            continue
        if permanent:
            delivery.status, delivery.code, delivery.detail = "failed", "recipient", storable(status, 1000)
            deliveries.show(delivery)
        else:
            data = {"delivery": delivery.id, "recipient": delivery.recipient, "detail": status}
            record(delivery.message.ticket, "delivery_delayed", SYSTEM, data=data)
