"""Bounces that came to the address of one delivery (VERP): they name its message, whatever their text gives away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from channels.messages import Bounce
from helpdesk.extensions import db
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming.place import Arrival
from helpdesk.tickets.models import Delivery


def completed(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The arrivals, their bounces with the id of the message and the recipient that the address they came to stands for.

    Many servers return no header at all, or report a forwarding address that we never wrote to.
    """
    named = {arrival.received_id: delivery_id for arrival in arrivals if (delivery_id := _delivery(arrival)) is not None}
    if not named:
        return list(arrivals)
    rows = db.session.scalars(select(Delivery).where(one_of(Delivery.id, set(named.values()))))
    deliveries = {row.id: row for row in rows}
    return [_completed(arrival, deliveries.get(named.get(arrival.received_id, 0))) for arrival in arrivals]


def _delivery(arrival: Arrival) -> int | None:
    if arrival.message.bounce is None:
        return None
    found = (tokens.delivery_of(person.address) for person in arrival.message.to)
    return next((delivery_id for delivery_id in found if delivery_id is not None), None)


def _completed(arrival: Arrival, delivery: Delivery | None) -> Arrival:
    bounce = arrival.message.bounce
    if delivery is None or bounce is None:
        return arrival
    _address, status, permanent = bounce.recipients[0] if bounce.recipients else ("", "", True)
    known = Bounce(((delivery.recipient, status, permanent),), delivery.message.message_id)
    return replace(arrival, message=replace(arrival.message, bounce=known))
