"""Receipts: a provider's word on what we sent. It only ever moves a delivery's status up."""

from __future__ import annotations

from sqlalchemy import select

from channels.messages import DeliveryUpdate
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import Delivery
from helpdesk.tickets.outgoing import deliveries

_RANK = {"queued": 0, "sending": 1, "unknown": 1, "sent": 2, "delivered": 3, "read": 4, "failed": 5}


def apply(inbox: Inbox, update: DeliveryUpdate) -> None:
    """Apply an update within the caller's transaction; one about nothing that we know, or an older one, does nothing."""
    statement = select(Delivery).where(Delivery.inbox_id == inbox.id, Delivery.provider_id == update.provider_id)
    if update.recipient:
        statement = statement.where(Delivery.recipient == update.recipient)
    for delivery in db.session.scalars(statement.with_for_update()):
        if _RANK[update.status] <= _RANK.get(delivery.status, 9):
            continue
        delivery.status = update.status
        delivery.detail = storable(update.detail, 1000)
        deliveries.show(delivery)
