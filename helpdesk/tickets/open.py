"""Opening a ticket on behalf of a customer: what he said over the counter, or what another program was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from channels import registry
from channels.html.text import html_to_text
from helpdesk import clock
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.customers import find, language
from helpdesk.customers.models import Identity
from helpdesk.customers.queries import get as get_customer
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import own_addresses
from helpdesk.tickets import actions
from helpdesk.tickets.incoming.opening import searchable
from helpdesk.tickets.incoming.place import PREVIEW_CHARS
from helpdesk.tickets.incoming.stored import SUBJECT_CHARS
from helpdesk.tickets.incoming.thread import remember
from helpdesk.tickets.models import PRIORITIES, Message, Ticket
from helpdesk.tickets.timeline import by_agent, by_customer, record


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer said: text, or HTML from which the text is made."""

    subject: str
    text: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who said it: a customer we know, or his address on the inbox's channel."""

    customer_id: int | None = None
    address: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Handling:
    """Where the ticket goes. ``team``: None leaves it to the inbox."""

    team: Team | None = None
    assignee: Agent | None = None
    priority: str = "normal"
    tags: Sequence[str] = field(default_factory=tuple)


def open_ticket(agent: Agent, inbox: Inbox, person: Person, said: Said, handling: Handling) -> Ticket:
    """Make the ticket with what the customer said as its first message, and commit. Raises Invalid.

    From here on it is a ticket as any other: reactions, screens and answers follow it.
    """
    text = storable(said.text or html_to_text(said.html)).strip()
    _check(agent, said, text, handling)
    identity = _identity(agent, inbox, person, f"{said.subject}\n{text}")
    team_id = handling.team.id if handling.team else inbox.team_id
    ticket = Ticket(
        subject=one_line(said.subject, SUBJECT_CHARS), status="new", priority=PRIORITIES[handling.priority],
        channel=inbox.channel, inbox=inbox, customer=identity.customer, team_id=team_id,
        tags=actions.clean_tags(handling.tags), version=0, created_at=clock.now(), last_at=clock.now(),
        last_text=one_line(text, PREVIEW_CHARS), search_text=searchable(said.subject, identity),
    )  # fmt: skip
    db.session.add(ticket)
    db.session.flush()
    data = {"entered_by": {"id": agent.id, "name": agent.name}}
    record(ticket, "message", by_customer(identity.customer), message=_message(ticket, identity, said, text), data=data)
    if handling.assignee is not None:
        actions.give(ticket, actions.checked_assignee(ticket, handling.assignee.id), by_agent(agent))
    remember([], [(identity.address, ticket.id)])
    db.session.commit()
    return ticket


def _check(agent: Agent, said: Said, text: str, handling: Handling) -> None:
    errors: dict[str, list[str]] = {}
    if not one_line(said.subject, SUBJECT_CHARS):
        errors["subject"] = [_("Write a subject.")]
    if not text:
        errors["text"] = [_("Write something.")]
    if handling.priority not in PRIORITIES:
        errors["priority"] = [_("Choose one of the list.")]
    if handling.team is not None and not sees_team(agent, handling.team.id):
        errors["team"] = [_("Choose another.")]
    if errors:
        raise Invalid(_("This ticket cannot be opened yet."), errors=errors)


def _message(ticket: Ticket, identity: Identity, said: Said, text: str) -> Message:
    message = Message(
        ticket=ticket, direction="inbound", channel=ticket.channel, identity=identity, subject=ticket.subject,
        text=text, html=storable(said.html), visible_text=text, to=[], cc=[], created_at=clock.now(),
    )  # fmt: skip
    db.session.add(message)
    return message


def _identity(agent: Agent, inbox: Inbox, person: Person, wrote: str) -> Identity:
    if person.customer_id is not None:
        return _known(agent, inbox.channel, person.customer_id)
    try:
        address = registry.get(inbox.channel).normalise(storable(person.address))
    except ValueError as error:
        raise _wrong("customer.address", _("This is not an address of the inbox's channel.")) from error
    if address in own_addresses(inbox.channel):
        raise _wrong("customer.address", _("This is the address of one of our own inboxes."))
    described = {address: lambda: (one_line(person.name, 200), language.guess(wrote))}
    return find.find_or_make(inbox.channel, described)[address]


def _known(agent: Agent, channel: str, customer_id: int) -> Identity:
    try:
        customer = get_customer(agent, customer_id)
    except NotFound as error:
        raise _wrong("customer", _("This customer does not exist.")) from error
    theirs = select(Identity.address).where(Identity.customer_id == customer.id, Identity.channel == channel)
    address = db.session.scalar(theirs.order_by(Identity.id).limit(1))
    if address is None:
        raise _wrong("customer", _("This customer has no address on this channel."))
    return find.known(channel, [address])[address]


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors={name: [sentence]})
