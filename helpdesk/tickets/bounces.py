"""What a bounce says of the deliveries that it is about."""

from __future__ import annotations

from sqlalchemy import update

from channels.base import Bounce
from helpdesk.extensions import db
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.timeline import SYSTEM, record


def note(ticket: Ticket, bounce: Bounce) -> None:
    """Mark the deliveries that a bounce is about as failed, with the server's status."""
    for address, status, permanent in bounce.recipients:
        if not permanent:
            continue
        found = db.session.scalars(
            update(Delivery)
            .where(
                Delivery.provider_id == bounce.original_message_id,
                Delivery.recipient == address.lower(),
                Delivery.status.in_(("sent", "unknown", "delivered")),
            )
            .values(status="failed", code="recipient", detail=status)
            .returning(Delivery.id)
        ).all()
        if found:
            data = {"recipient": address, "detail": status}
            record(ticket, "delivery_failed", SYSTEM, data=data)
