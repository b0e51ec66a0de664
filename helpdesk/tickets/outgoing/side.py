"""Side conversations: asking a third party about a ticket, apart from its customer, and what he answers.

Neither side ever reads the other's words unless an agent forwards them, and no clock of the customer's starts or stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from channels import registry
from helpdesk import clock, cursors, settings
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.tickets import queries
from helpdesk.tickets.incoming.stored import SUBJECT_CHARS
from helpdesk.tickets.models import Attachment, Entry, Message, SideConversation, Ticket
from helpdesk.tickets.outgoing import below, recipients
from helpdesk.tickets.outgoing.recipients import Chosen, People, Person
from helpdesk.tickets.outgoing.reply import address, post
from helpdesk.tickets.outgoing.writing import Writing, store
from helpdesk.tickets.timeline import by_agent, record

MOST_PEOPLE = 100
NEWEST_FIRST = "-created_at"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a side conversation begins. ``forward``: a message of the ticket that is sent along, with its files."""

    subject: str
    writing: Writing
    chosen: Chosen
    forward: int | None = None


@dataclass(frozen=True, slots=True)
class _Sending:
    """One message on its way into a side conversation."""

    writing: Writing
    people: People
    subject: str
    forwarded: Message | None = None
    files: Sequence[Attachment] = field(default_factory=tuple)


def begin(agent: Agent, number: int, opening: Opening, *, undo_seconds: int | None = None) -> Entry:
    """Write to a third party for the first time, and commit; returns the entry.

    Raises NotFound for a stranger, Invalid without a subject or a recipient, or with one who takes part in the ticket.
    """
    ticket = queries.locked(agent, number)
    if not registry.get(ticket.channel).capabilities.cc:
        raise Invalid(_("On this channel nobody but the customer can be written to."))
    subject = one_line(opening.subject, SUBJECT_CHARS)
    if not subject:
        raise Invalid(_("Write a subject."), errors={"subject": [_("Write a subject.")]})
    people = _addressed(ticket, opening.chosen)
    forwarded = _forwarded(ticket, opening.forward)
    side = SideConversation(ticket=ticket, agent=agent, subject=subject, people=people.all, created_at=clock.now())
    db.session.add(side)
    db.session.flush()
    sending = _Sending(opening.writing, people, _tagged(side, subject), forwarded, _copies(forwarded))
    return _send(agent, side, sending, undo_seconds)


def answer(
    agent: Agent, number: int, side_id: int, writing: Writing, chosen: Chosen, *, undo_seconds: int | None = None
) -> Entry:
    """Write in a side conversation again, and commit; returns the entry. Raises NotFound, Invalid."""
    ticket = queries.locked(agent, number)
    side = get(ticket, side_id)
    last = recipients.last_inbound(ticket, side.id)
    usual = [last.sender] if last else side.people[:1]
    people = _addressed(ticket, chosen, usual=usual, others=side.people)
    people = People(people.to, people.cc, people.bcc, last.message_id if last else "", people.sender)
    _join(side, people.all)
    subject = _tagged(side, side.subject if side.subject.lower().startswith("re:") else f"Re: {side.subject}")
    return _send(agent, side, _Sending(writing, people, subject), undo_seconds)


def get(ticket: Ticket, side_id: int) -> SideConversation:
    """The side conversation of a ticket that the caller may see. Raises NotFound."""
    side = db.session.get(SideConversation, side_id)
    if side is None or side.ticket_id != ticket.id:
        raise NotFound(_("This side conversation does not exist."))
    return side


def listed(ticket: Ticket, *, cursor: str | None, limit: int) -> Page[SideConversation]:
    """The side conversations of a ticket that the caller may see, newest first. Raises Invalid for a bad cursor."""
    statement = select(SideConversation).where(SideConversation.ticket_id == ticket.id)
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(SideConversation.id < place.id)
    rows = db.session.scalars(statement.order_by(SideConversation.id.desc()).limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda side: Place(side.created_at, side.id))


def _send(agent: Agent, side: SideConversation, sending: _Sending, undo_seconds: int | None) -> Entry:
    ticket, forwarded = side.ticket, sending.forwarded
    message = store(
        agent, ticket, sending.writing, "outbound", subject=sending.subject, along=sending.files,
        may_be_empty=forwarded is not None,
    )  # fmt: skip
    message.side_conversation = side
    address(message, sending.people)
    db.session.flush()
    below.add(agent, ticket, message)
    if forwarded is not None:
        message.quoted = [forwarded.id]
    held = settings.current().undo_seconds if undo_seconds is None else min(max(undo_seconds, 0), 300)
    post(ticket, message, sending.people, clock.now() + timedelta(seconds=held))
    entry = record(ticket, "side_message", by_agent(agent), message=message, data={"side_conversation": side.id})
    db.session.commit()
    return entry


def _addressed(ticket: Ticket, chosen: Chosen, *, usual: Sequence[Person] = (), others: Sequence[Person] = ()) -> People:
    """Who a message goes to. Raises Invalid when it is nobody, or somebody from whom the matter is kept apart."""
    to = recipients.named(ticket.channel, "to", chosen.to) if chosen.to else list(usual)
    cc = recipients.named(ticket.channel, "cc", chosen.cc) if chosen.cc is not None else list(others)
    bcc = recipients.named(ticket.channel, "bcc", chosen.bcc or ())
    people = recipients.unique(People(to, cc, bcc))
    if not people.to:
        raise Invalid(_("Say whom to write to."), errors={"to": [_("Write an address.")]})
    customers = {one.address for one in ticket.customer.identities if one.channel == ticket.channel}
    if met := next((person["address"] for person in people.all if person["address"] in customers), None):
        sentence = _("“%(address)s” is the ticket's customer: answer in the ticket itself.", address=met)
        raise Invalid(sentence, errors={"to": [sentence]})
    return people


def _join(side: SideConversation, people: Sequence[Person]) -> None:
    known = {person["address"] for person in side.people}
    joined = [person for person in people if person["address"] not in known]
    if joined:
        side.people = [*side.people, *joined][:MOST_PEOPLE]


def _tagged(side: SideConversation, subject: str) -> str:
    return f"{subject} [#{side.ticket_id}/{side.id}]"


def _forwarded(ticket: Ticket, message_id: int | None) -> Message | None:
    if message_id is None:
        return None
    message = db.session.get(Message, message_id)
    if message is None or message.ticket_id != ticket.id or message.direction == "note":
        raise NotFound(_("This message does not exist, or cannot be forwarded."))
    return message


def _copies(message: Message | None) -> list[Attachment]:
    """The files of a message once more; their contents are stored once."""
    return [
        Attachment(filename=file.filename or "file", content_type=file.content_type, size=file.size, sha256=file.sha256)
        for file in (message.attachments if message else ())
    ]
