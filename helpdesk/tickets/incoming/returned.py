"""What a bounce gives back of the mail that it is about, besides its Message-ID.

The token of one delivery: in the address that the bounce came to (VERP), or in its envelope id (RFC 3461 §4.4, given back
by RFC 3464 §2.2.1). Else a signed id of ours that it answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from channels.messages import Bounce
from helpdesk.extensions import db
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming import bounces
from helpdesk.tickets.incoming.place import Arrival
from helpdesk.tickets.models import Delivery


def completed(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The arrivals, their bounces with the id of the message and the recipient that they stand for.

    Many servers return no header at all, or report a forwarding address that we never wrote to.
    """
    named = {arrival.received_id: delivery_id for arrival in arrivals if (delivery_id := _delivery(arrival)) is not None}
    deliveries: dict[int, Delivery] = {}
    if named:
        rows = db.session.scalars(select(Delivery).where(one_of(Delivery.id, set(named.values()))))
        deliveries = {row.id: row for row in rows}
    return [_completed(arrival, deliveries.get(named.get(arrival.received_id, 0))) for arrival in arrivals]


def _delivery(arrival: Arrival) -> int | None:
    message = arrival.message
    if message.bounce is None:
        return None
    addresses = (person.address for person in (*message.delivered_to, *message.to))
    found = (tokens.delivery_of(text) for text in (message.bounce.envelope_id, *addresses))
    return next((delivery_id for delivery_id in found if delivery_id is not None), None)


def _completed(arrival: Arrival, delivery: Delivery | None) -> Arrival:
    bounce = arrival.message.bounce
    if bounce is None:
        return arrival
    if delivery is not None:
        _address, status, permanent = bounce.recipients[0] if bounce.recipients else ("", "", True)
        known = Bounce(((delivery.recipient, status, permanent),), delivery.message.message_id)
    elif not bounces.is_proven(bounce):
        known = replace(bounce, original_message_id=_answered(arrival) or bounce.original_message_id)
    else:
        return arrival
    return replace(arrival, message=replace(arrival.message, bounce=known))


def _answered(arrival: Arrival) -> str:
    """The last signed id of ours among those that the bounce answers; empty when there is none."""
    ids = (*reversed(arrival.message.references), *arrival.message.in_reply_to)
    return next((each for each in ids if tokens.ticket_of(each) is not None), "")
