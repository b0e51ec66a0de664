"""A second matter within a ticket gets a ticket of its own: one message, or all from it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, select, update

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers.models import Customer
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line, words
from helpdesk.tickets import queries
from helpdesk.tickets.incoming.stored import SUBJECT_CHARS
from helpdesk.tickets.incoming.thread import REFERENCE_CHARS, remember
from helpdesk.tickets.merging import families, moving, waiting
from helpdesk.tickets.merging.merge import join
from helpdesk.tickets.merging.models import TicketSplit
from helpdesk.tickets.models import Entry, Message, Participant, ThreadReference, Ticket
from helpdesk.tickets.timeline import by_agent, record
from helpdesk.undoable import set_all, take_back

_APART = {"synchronize_session": False}


def split(agent: Agent, number: int, message_id: int, *, following: bool = False, subject: str = "") -> TicketSplit:
    """Move a message, and those after it when ``following``, to a new ticket, and commit.

    Raises NotFound for a stranger, Invalid for a note, a side conversation, or when nothing would be left.
    """
    ticket = queries.locked(agent, number)
    messages = _chosen(ticket, message_id, following)
    made = _begin(ticket, messages[0], subject)
    moved = _move(ticket, made, messages)
    moved["stopped"] = {} if _is_awaited(ticket) else waiting.stop(ticket, waiting.RESPONSES)
    moved["origin"] = set_all(ticket, {**moving.last_said(ticket), **waiting.nearest(ticket)})
    set_all(made, {**moving.last_said(made), "unread": messages[-1].direction == "inbound"})
    done = TicketSplit(origin_id=ticket.id, made_id=made.id, agent_id=agent.id, moved=moved, created_at=clock.now())
    db.session.add(done)
    db.session.flush()
    told = {"split": done.id, "count": len(messages)}
    record(ticket, "split_off", by_agent(agent), data={"ticket": made.id, **told})
    record(made, "split_from", by_agent(agent), data={"ticket": ticket.id, **told})
    db.session.commit()
    return done


def undo(agent: Agent, split_id: int) -> TicketSplit:
    """Put back what was split off, with whatever was said there since, and commit: the new ticket is merged into the old.

    Raises NotFound for a stranger to either, Conflict when it is undone already.
    """
    found = db.session.get(TicketSplit, split_id)
    if found is None:
        raise NotFound(_("This split does not exist, or is not yours to see."))
    for one in (found.origin_id, found.made_id):
        queries.get(agent, one)
    tickets = families.lock({found.origin_id, found.made_id})
    origin, made = tickets[found.origin_id], tickets[found.made_id]
    db.session.refresh(found, with_for_update=True)
    if found.undone_at is not None:
        raise Conflict(_("This split is undone already."))
    waiting.start_again(origin, found.moved["stopped"])
    join(agent, made, origin)
    take_back(origin, found.moved["origin"])
    _put_back(found, origin)
    set_all(origin, waiting.nearest(origin))
    found.undone_at = clock.now()
    db.session.commit()
    return found


def _chosen(ticket: Ticket, message_id: int, following: bool) -> Sequence[Message]:
    here = and_(Message.ticket_id == ticket.id, Message.side_conversation_id.is_(None), Message.automatic.is_(False))
    which = Message.id >= message_id if following else Message.id == message_id
    chosen = db.session.scalars(select(Message).where(here, which).order_by(Message.id)).all()
    if not chosen or chosen[0].id != message_id:
        raise NotFound(_("This message does not exist, or cannot stand for itself."))
    if chosen[0].direction == "note":
        raise Invalid(_("A note cannot begin a ticket: choose a message of the customer's or an answer."))
    rest = select(Message.id).where(here, Message.direction != "note", Message.id.not_in([one.id for one in chosen]))
    if db.session.scalar(rest.limit(1)) is None:
        raise Invalid(_("Nothing would be left of this ticket: change its subject instead."))
    return chosen


def _begin(ticket: Ticket, message: Message, subject: str) -> Ticket:
    """The new ticket: of who wrote the message, in the place of the old one."""
    wrote = message.identity.customer if message.identity and message.direction == "inbound" else ticket.customer
    title = one_line(subject, SUBJECT_CHARS) or ticket.subject
    made = Ticket(
        subject=title,
        status="open" if ticket.assignee_id else "new",
        priority=ticket.priority,
        channel=ticket.channel,
        inbox=ticket.inbox,
        customer=wrote,
        team_id=ticket.team_id,
        assignee_id=ticket.assignee_id,
        tags=[],
        version=0,
        created_at=message.created_at,
        search_text=_searchable(title, wrote),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _move(ticket: Ticket, made: Ticket, messages: Sequence[Message]) -> dict[str, Any]:
    ids = [message.id for message in messages]
    entries = db.session.scalars(select(Entry).where(Entry.ticket_id == ticket.id, Entry.message_id.in_(ids))).all()
    kept = [[entry.id, entry.came_from_id, entry.customer_id] for entry in entries]
    for message in messages:
        message.ticket = made
    for entry in entries:
        entry.ticket, entry.came_from_id, entry.customer = made, None, made.customer
        entry.reacted_at = None  # what reacts to tickets sees a new one
    made.first_response_at = next((one.created_at for one in messages if one.direction == "outbound"), None)
    family = families.merged_into(ticket.id)
    references = _move_references(family, made, messages)
    _let_in(family, made, messages)
    db.session.flush()
    return {"messages": ids, "entries": kept, "references": references}


def _move_references(family: set[int], made: Ticket, messages: Sequence[Message]) -> list[list[Any]]:
    """Answers to these messages belong to the new ticket."""
    keys = {message.message_id[:REFERENCE_CHARS] for message in messages if message.message_id}
    which = and_(ThreadReference.ticket_id.in_(family), ThreadReference.reference.in_(keys))
    rows = db.session.execute(select(ThreadReference.reference, ThreadReference.ticket_id).where(which)).all()
    moved = update(ThreadReference).where(which).values(ticket_id=made.id)
    db.session.execute(moved, execution_options=_APART)
    return [list(row) for row in rows]


def _let_in(family: set[int], made: Ticket, messages: Sequence[Message]) -> None:
    """Who wrote or got these messages takes part, if he did before."""
    people = {person["address"].lower() for message in messages for person in (*message.to, *message.cc)}
    people |= {message.identity.address for message in messages if message.identity}
    known = select(Participant.address).where(Participant.ticket_id.in_(family), Participant.address.in_(people))
    remember([], [(address, made.id) for address in {*db.session.scalars(known)}])


def _is_awaited(ticket: Ticket) -> bool:
    """Whether the customer had the last word of what is left."""
    return bool(moving.last_said(ticket).get("last_direction") == "inbound")


def _put_back(found: TicketSplit, origin: Ticket) -> None:
    """What was here before the split is of this ticket again, and not of one that was merged into it."""
    for entry_id, came_from, customer in found.moved["entries"]:
        back = update(Entry).where(Entry.id == entry_id, Entry.ticket_id == origin.id)
        db.session.execute(back.values(came_from_id=came_from, customer_id=customer), execution_options=_APART)
    for reference, ticket_id in found.moved["references"]:
        mine = update(ThreadReference).where(
            ThreadReference.reference == reference, ThreadReference.ticket_id == found.made_id
        )
        db.session.execute(mine.values(ticket_id=ticket_id), execution_options=_APART)
    told = select(Entry).where(Entry.ticket_id == origin.id, Entry.kind.in_(("split_off", "split_from")))
    for entry in db.session.scalars(told):
        if entry.data.get("split") == found.id:
            entry.data = {**entry.data, "undone": True}


def _searchable(subject: str, customer: Customer) -> str:
    addresses = " ".join(identity.address for identity in customer.identities)
    return words(f"{subject} {customer.name} {addresses}")[:2000]
