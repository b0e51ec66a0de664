"""Who an answer goes to, and as whom it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, load_only
from sqlalchemy.sql.base import ExecutableOption

from channels import registry
from channels.base import Channel
from helpdesk import clock, settings
from helpdesk.customers import reach
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.inboxes.queries import addresses_of, own_addresses
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket

MOST_CC = 10
"""With more people than this on a mail, an answer goes to its writer alone unless the agent names the others."""
MOST_NAMED = 100

Person = dict[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Addresses that an agent has chosen, as ``a@b`` or ``Name <a@b>``; None leaves a field to what is usual."""

    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None
    bcc: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class People:
    """The recipients of one message, the Message-ID that it answers, and as whom it is sent ({}: as the inbox)."""

    to: list[Person]
    cc: list[Person] = field(default_factory=list)
    bcc: list[Person] = field(default_factory=list)
    answers: str = ""
    sender: Person = field(default_factory=dict)

    @property
    def all(self) -> list[Person]:
        return [*self.to, *self.cc, *self.bcc]


def who_to_whom() -> tuple[ExecutableOption, ...]:
    """Options for a query of messages that are only asked who wrote to whom: a mail's HTML may be megabytes."""
    columns = (Message.direction, Message.to, Message.cc, Message.sender, Message.message_id)
    return load_only(*columns), joinedload(Message.identity)


def of(ticket: Ticket, chosen: Chosen) -> People:
    """Who an answer to this ticket goes to: the last writer, and those on copy, unless others are chosen.

    Raises Invalid when nobody is left, or a chosen address is none or one of our own.
    """
    last = last_inbound(ticket)
    usual = _writer(last) or _customer(ticket)
    to = named(ticket.channel, "to", chosen.to) if chosen.to else [usual] if usual else []
    if not to:
        raise Invalid(_("This customer has no address on this channel."))
    cc = named(ticket.channel, "cc", chosen.cc) if chosen.cc is not None else _others(ticket, last)
    bcc = named(ticket.channel, "bcc", chosen.bcc or ())
    return unique(People(to, cc, bcc, last.message_id if last else "", written_to(ticket, last)))


def customer_only(ticket: Ticket) -> People:
    """The ticket's customer alone. Raises Invalid when he has no address on its channel."""
    person = _customer(ticket)
    if person is None:
        raise Invalid(_("This customer has no address on this channel."))
    last = last_inbound(ticket)
    return People([person], answers=last.message_id if last else "", sender=written_to(ticket, last))


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


def named(channel: str, field_name: str, addresses: Sequence[str]) -> list[Person]:
    """The people of addresses that an agent has typed. Raises Invalid naming the first that cannot be written to."""
    if len(addresses) > MOST_NAMED:
        raise _wrong(field_name, _("A message can go to %(most)s people.", most=MOST_NAMED))
    if not addresses:
        return []
    kind, own, people = registry.get(channel), own_addresses(channel), []
    for given in addresses:
        name, typed = _parted(given)
        try:
            address = kind.normalise(one_line(typed, 320))
        except ValueError as error:
            raise _wrong(field_name, _("“%(address)s” is not an address that a copy can go to.", address=given)) from error
        if address in own:
            raise _wrong(field_name, _("“%(address)s” is one of our own inboxes: it would write to itself.", address=given))
        people.append({"address": address, "name": one_line(name, 200)})
    return people


def _parted(given: str) -> tuple[str, str]:
    """The name and the address of ``Name <address>``; what is written otherwise is all address."""
    name, begins, address = given.strip().partition("<")
    if not (begins and address.endswith(">")):
        return "", given
    return name.strip().strip('"'), address[:-1]


def unique(people: People) -> People:
    """Everybody once, where he is seen best: in To before Cc before Bcc."""
    met: set[str] = set()
    return People(_new(people.to, met), _new(people.cc, met), _new(people.bcc, met), people.answers, people.sender)


def last_inbound(ticket: Ticket, side_conversation_id: int | None = None) -> Message | None:
    """The last message that a person wrote to us on the ticket, or in one of its side conversations."""
    return db.session.scalar(
        select(Message)
        .options(*who_to_whom())
        .where(
            Message.ticket_id == ticket.id,
            Message.side_conversation_id.is_not_distinct_from(side_conversation_id),
            Message.direction == "inbound",
            Message.automatic.is_(False),
            Message.channel == ticket.channel,
            among(ticket),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


def among(ticket: Ticket) -> ColumnElement[bool]:
    """The criterion for messages of the ticket's own people: not those that came from another customer's by a merge."""
    foreign = select(Entry.id).where(
        Entry.message_id == Message.id, Entry.came_from_id.is_not(None), Entry.customer_id != ticket.customer_id
    )
    return ~foreign.exists()


def written_to(ticket: Ticket, message: Message | None) -> Person:
    """As whom to answer this message: the address of the inbox that it was sent to; {} for the inbox's main one."""
    if message is None:
        return {}
    kind, ours = registry.get(ticket.channel), addresses_of(ticket.inbox)
    for person in (*message.to, *message.cc):
        address = _normal(kind, person["address"])
        if address in ours and tokens.delivery_of(address) is None:
            return {} if address == ticket.inbox.address else {"address": address, "name": ticket.inbox.name}
    return {}


def _new(people: Sequence[Person], met: set[str]) -> list[Person]:
    found = []
    for person in people:
        if person["address"] not in met:
            met.add(person["address"])
            found.append(person)
    return found


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
    kind, own = registry.get(ticket.channel), addresses_of(ticket.inbox)
    people = [{**person, "address": _normal(kind, person["address"])} for person in (*message.to, *message.cc)]
    others = [person for person in people if person["address"] not in own]
    if others:
        own = own_addresses(ticket.channel)
        others = [person for person in others if person["address"] not in own]
    return others if len(others) <= MOST_CC else []


def _normal(kind: type[Channel], address: str) -> str:
    try:
        return kind.normalise(address)
    except ValueError:
        return address.lower()


def _wrong(field_name: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors={field_name: [sentence]})
