"""Timelines a page at a time: of a ticket, and of a customer across the tickets that an agent sees."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, or_, select

from helpdesk import cursors
from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.customers.queries import get as get_customer
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.models import Entry, Ticket

NEWEST_FIRST = "-id"


def of_ticket(
    agent: Agent, number: int, *, sort: str = NEWEST_FIRST, cursor: str | None = None, limit: int = 50
) -> Page[Entry]:
    """The entries of a ticket. Raises NotFound for a stranger, Invalid for a cursor that is none."""
    ticket = queries.get(agent, number)
    return page(queries.with_messages().where(Entry.ticket_id == ticket.id), sort, cursor, limit)


def of_customer(
    agent: Agent, customer_id: int, *, sort: str = NEWEST_FIRST, cursor: str | None = None, limit: int = 50
) -> Page[Entry]:
    """The entries of a customer on tickets that the agent sees, and those beside any ticket. Raises as ``of_ticket``."""
    customer = get_customer(agent, customer_id)
    return page(queries.with_messages().where(seen_of(agent, customer.id)), sort, cursor, limit)


def seen_of(agent: Agent, customer_id: int) -> ColumnElement[bool]:
    """The criterion for a customer's entries that the agent sees."""
    his = Entry.customer_id == customer_id
    if agent.is_admin:
        return his
    seen = select(Ticket.id).where(Ticket.id == Entry.ticket_id, visible(agent, Ticket.team_id))
    return his & or_(Entry.ticket_id.is_(None), seen.exists())


def entries(ids: Sequence[int]) -> list[Entry]:
    """These entries with everything that is shown of them, in their order; the caller has seen to who asks."""
    return list(db.session.scalars(queries.with_messages().where(Entry.id.in_(ids)).order_by(Entry.id)).unique())


def page(statement: Select[Entry], sort: str, cursor: str | None, limit: int) -> Page[Entry]:
    """A page of selected entries. Raises Invalid for a cursor that is none."""
    down = sort == NEWEST_FIRST
    if (place := cursors.read(cursor, sort)) is not None:
        statement = statement.where(Entry.id < place.id if down else Entry.id > place.id)
    statement = statement.order_by(Entry.id.desc() if down else Entry.id).limit(limit + 1)
    rows = db.session.scalars(statement).unique().all()
    return cursors.cut(rows, limit, sort, lambda entry: Place(entry.occurred_at, entry.id))
