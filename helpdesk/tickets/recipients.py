"""Who an answer goes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from channels import registry
from helpdesk import clock, settings
from helpdesk.customers import reach
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.inboxes.queries import own_addresses
from helpdesk.tickets.models import Delivery, Message, Ticket

MOST_CC = 10
"""With more people than this on a mail, an answer goes to its writer alone unless the agent names the others."""

Person = dict[str, str]


@dataclass(frozen=True, slots=True)
class People:
    """The recipients of one message, and the Message-ID that it answers."""

    to: Person
    cc: list[Person]
    answers: str

    @property
    def all(self) -> list[Person]:
        return [self.to, *self.cc]


def of(ticket: Ticket, cc: Sequence[str] | None) -> People:
    """Who an answer to this ticket goes to: the last writer, and those on copy unless ``cc`` names others.

    Raises Invalid when the customer has no address on the ticket's channel, or a ``cc`` address is not one.
    """
    last = _last_inbound(ticket)
    to = _writer(last) or _customer(ticket)
    if to is None:
        raise Invalid(_("This customer has no address on this channel."))
    copies = [_parsed(ticket.channel, address) for address in cc] if cc is not None else _others(ticket, last)
    unique = {person["address"]: person for person in copies if person["address"] != to["address"]}
    return People(to, list(unique.values()), last.message_id if last else "")


def customer_only(ticket: Ticket) -> People:
    """The ticket's customer alone. Raises Invalid when he has no address on its channel."""
    person = _customer(ticket)
    if person is None:
        raise Invalid(_("This customer has no address on this channel."))
    last = _last_inbound(ticket)
    return People(person, [], last.message_id if last else "")


def may_get_automatic(channel: str, address: str) -> bool:
    """Whether one more message by machine may go to this address now: its day's share is left, and it arrives there."""
    since = clock.now() - timedelta(days=1)
    sent = db.session.scalar(
        select(func.count())
        .select_from(Delivery)
        .join(Message)
        .where(
            Delivery.recipient == address,
            Delivery.status != "cancelled",
            Delivery.created_at > since,
            Message.channel == channel,
            Message.automatic,
        )
    )
    return (sent or 0) < settings.current().automatic_per_day and reach.bouncing(channel, address) is None


def _last_inbound(ticket: Ticket) -> Message | None:
    return db.session.scalar(
        select(Message)
        .where(Message.ticket_id == ticket.id, Message.direction == "inbound", Message.automatic.is_(False))
        .order_by(Message.id.desc())
        .limit(1)
    )


def _writer(message: Message | None) -> Person | None:
    if message is None or message.identity is None:
        return None
    identity = message.identity
    return {"address": identity.address, "name": identity.name or identity.customer.name}


def _customer(ticket: Ticket) -> Person | None:
    for identity in ticket.customer.identities:
        if identity.channel == ticket.channel:
            return {"address": identity.address, "name": identity.name or ticket.customer.name}
    return None


def _others(ticket: Ticket, message: Message | None) -> list[Person]:
    if message is None:
        return []
    own = own_addresses(ticket.channel)
    people = [person for person in (*message.to, *message.cc) if person["address"].lower() not in own]
    if len(people) > MOST_CC:
        return []
    return [{**person, "address": person["address"].lower()} for person in people]


def _parsed(channel: str, address: str) -> Person:
    try:
        return {"address": registry.get(channel).normalise(address), "name": ""}
    except ValueError as error:
        raise Invalid(
            _("“%(address)s” is not an address that a copy can go to.", address=address),
            errors={"cc": [_("Correct or remove this address.")]},
        ) from error
