"""Tickets that belong together: related ones, and children of a parent. Each says so on both timelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import joinedload

from helpdesk import clock, cursors
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.merging import families
from helpdesk.tickets.merging.models import TicketLink
from helpdesk.tickets.models import IS_WORKING, Ticket
from helpdesk.tickets.timeline import by_agent, record

Way = Literal["related", "parent", "child"]
WAYS: tuple[Way, ...] = ("parent", "child", "related")
MIRRORED: dict[Way, Way] = {"related": "related", "parent": "child", "child": "parent"}
MOST_SHOWN = 50
NEWEST_FIRST = "-created_at"


@dataclass(frozen=True, slots=True)
class Linked:
    """Another ticket as seen from one: its parent, its child, or related."""

    id: int
    way: Way
    ticket: Ticket


def link(agent: Agent, number: int, other: int, way: Way) -> TicketLink:
    """Make ``other`` the parent, a child or a relative of the ticket, and commit.

    Raises NotFound for a stranger to either, Invalid for the same one twice or a circle of parents, Conflict when they are
    linked already or the child has another parent.
    """
    if number == other:
        sentence = _("A ticket cannot be linked to itself.")
        raise Invalid(sentence, errors={"ticket": [sentence]})
    for one in (number, other):
        queries.get(agent, one)
    tickets = families.lock({number, other})
    for ticket in tickets.values():
        queries.refuse_merged(queries.seen(agent, ticket))
    first, second = (other, number) if way == "parent" else (number, other)
    if way == "related":
        first, second = sorted((number, other))
    _refuse(first, second, is_parent=way != "related")
    kind = "related" if way == "related" else "parent"
    made = TicketLink(kind=kind, one_id=first, other_id=second, agent_id=agent.id, created_at=clock.now())
    db.session.add(made)
    _tell(agent, tickets[number], tickets[other], way, "link_added")
    db.session.commit()
    return made


def unlink(agent: Agent, link_id: int) -> Linked:
    """Remove a link between two tickets that the agent sees, and commit. Raises NotFound."""
    found = _get(agent, db.session.get(TicketLink, link_id))
    tickets = families.lock({found.one_id, found.other_id})
    found = _get(agent, db.session.get(TicketLink, link_id, populate_existing=True))
    gone = seen_from(found, {found.one_id})
    way: Way = "related" if found.kind == "related" else "child"
    db.session.delete(found)
    _tell(agent, tickets[found.one_id], tickets[found.other_id], way, "link_removed")
    db.session.commit()
    return gone


def of(agent: Agent, ticket: Ticket) -> Sequence[Linked]:
    """The tickets that this one, or one merged into it, is linked to and that the agent sees: its parent first."""
    here = families.merged_into(ticket.id)
    statement = (
        select(TicketLink)
        .options(joinedload(TicketLink.one), joinedload(TicketLink.other))
        .where(or_(TicketLink.one_id.in_(here), TicketLink.other_id.in_(here)))
        .order_by(TicketLink.id)
        .limit(MOST_SHOWN)
    )
    found = [seen_from(one, here) for one in db.session.scalars(statement)]
    seen = [one for one in found if one.ticket.id not in here and sees_team(agent, one.ticket.team_id)]
    return sorted(seen, key=lambda one: (WAYS.index(one.way), one.id))


def listed(agent: Agent, number: int, *, cursor: str | None, limit: int) -> Page[Linked]:
    """A page of the ticket's links, newest first. Raises NotFound for a stranger, Invalid for a bad cursor."""
    ticket = queries.get(agent, number)
    statement = select(TicketLink).where(or_(TicketLink.one_id == ticket.id, TicketLink.other_id == ticket.id))
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(TicketLink.id < place.id)
    rows = db.session.scalars(statement.order_by(TicketLink.id.desc()).limit(limit + 1)).all()
    page = cursors.cut(rows, limit, NEWEST_FIRST, lambda one: Place(one.created_at, one.id))
    found = [seen_from(one, {ticket.id}) for one in page.items]
    return Page([one for one in found if sees_team(agent, one.ticket.team_id)], page.next)


def seen_from(one: TicketLink, here: set[int]) -> Linked:
    """The link as it looks from one of these tickets."""
    is_first = one.one_id in here
    way: Way = "related" if one.kind == "related" else "child" if is_first else "parent"
    return Linked(one.id, way, one.other if is_first else one.one)


def open_children(ticket: Ticket) -> int:
    """How many children of the ticket are not finished."""
    children = select(func.count()).select_from(TicketLink).join(Ticket, Ticket.id == TicketLink.other_id)
    mine = children.where(TicketLink.one_id == ticket.id, TicketLink.kind == "parent", text(IS_WORKING))
    return db.session.scalar(mine) or 0


def _get(agent: Agent, found: TicketLink | None) -> TicketLink:
    if found is None:
        raise NotFound(_("This link does not exist, or is not yours to see."))
    for one in (found.one_id, found.other_id):
        queries.get(agent, one)
    return found


def _refuse(first: int, second: int, *, is_parent: bool) -> None:
    pair = ((TicketLink.one_id == first) & (TicketLink.other_id == second)) | (
        (TicketLink.one_id == second) & (TicketLink.other_id == first)
    )
    if db.session.scalar(select(TicketLink.id).where(pair)) is not None:
        raise Conflict(_("These tickets are linked already."))
    if not is_parent:
        return
    if (parent := _parent_of(second)) is not None:
        raise Conflict(_("#%(number)s is a child of #%(parent)s already.", number=second, parent=parent))
    above: int | None = first
    while above is not None:
        if above == second:
            sentence = _("A ticket cannot be a child of its own child.")
            raise Invalid(sentence, errors={"ticket": [sentence]})
        above = _parent_of(above)


def _parent_of(number: int) -> int | None:
    parent = select(TicketLink.one_id).where(TicketLink.other_id == number, TicketLink.kind == "parent")
    return db.session.scalar(parent)


def _tell(agent: Agent, ticket: Ticket, other: Ticket, way: Way, kind: str) -> None:
    record(ticket, kind, by_agent(agent), data={"ticket": other.id, "way": way})
    record(other, kind, by_agent(agent), data={"ticket": ticket.id, "way": MIRRORED[way]})
