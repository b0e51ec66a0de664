"""The live, sorted lists of tickets. Each is one range of one index for each team, however many tickets there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.orm import joinedload

from helpdesk import clock, filters
from helpdesk.agents.access import team_keys
from helpdesk.agents.models import Agent
from helpdesk.customers.models import Customer
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.sql import one_of
from helpdesk.tickets.models import IS_WORKING, QUEUE_AT, TEAM_KEY, Ticket

COUNTED = 1000
"""Counting stops here: nobody works differently at 1,000 and at 100,000."""


@dataclass(frozen=True, slots=True)
class View:
    """A named filter. ``working`` says which half of the tickets it looks at; it decides the index and the order."""

    name: str
    conditions: tuple[filters.Condition, ...] = ()
    working: bool = True


VIEWS = {
    view.name: view
    for view in (
        View("open"),
        View("unassigned", ({"field": "assignee", "op": "is", "value": None},)),
        View("mine", ({"field": "assignee", "op": "is", "value": "$me"},)),
        View("late", ({"field": "due_at", "op": "before", "value": "$now"},)),
        View("closed", working=False),
    )
}

FIELDS: filters.Fields = {
    "status": Ticket.status,
    "priority": Ticket.priority,
    "team": Ticket.team_id,
    "assignee": Ticket.assignee_id,
    "customer": Ticket.customer_id,
    "inbox": Ticket.inbox_id,
    "channel": Ticket.channel,
    "tag": Ticket.tags,
    "unread": Ticket.unread,
    "due_at": Ticket.due_at,
    "updated_at": Ticket.updated_at,
    "created_at": Ticket.created_at,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a queue; ``next`` is the cursor of the page after it, None at the end."""

    rows: list[Ticket]
    next: str | None


def page(agent: Agent, name: str, *, after: str | None = None, limit: int = 30) -> Page:
    """The tickets of a view that the agent may see, nearest deadline first (finished ones: newest first).

    Raises NotFound for an unknown view; an unreadable cursor starts at the top.
    """
    view = _view(name)
    ids = db.session.execute(_ranges(agent, view, after, limit + 1)).all()
    rows = load([row.id for row in ids[:limit]])
    return Page(rows, f"{ids[limit - 1].at}~{ids[limit - 1].id}" if len(ids) > limit else None)


def counts(agent: Agent) -> dict[str, int]:
    """How many tickets each view of working tickets holds, counted up to COUNTED."""
    parts = []
    for view in VIEWS.values():
        if view.working:
            inner = _ranges(agent, view, None, COUNTED).subquery()
            parts.append(select(func.count()).select_from(inner).scalar_subquery().label(view.name))
    return dict(db.session.execute(select(*parts)).one()._mapping)


def _view(name: str) -> View:
    if name not in VIEWS:
        raise NotFound(_("There is no such view."))
    return VIEWS[name]


def _ranges(agent: Agent, view: View, after: str | None, limit: int) -> Select[Any]:
    """Merge the first rows of each team: PostgreSQL cannot merge ranges of one index in order by itself."""
    keys = func.unnest(literal(team_keys(agent), ARRAY(BigInteger)))  # one parameter: the statement is compiled once
    teams = keys.table_valued(column("key", BigInteger)).render_derived(name="teams")
    at: ColumnElement[Any] = literal_column(QUEUE_AT if view.working else "tickets.updated_at")
    inner = select(Ticket.id, at.label("at")).where(
        literal_column(TEAM_KEY) == teams.c.key,
        text(IS_WORKING if view.working else f"not ({IS_WORKING})"),
        filters.criterion(view.conditions, FIELDS, {"me": agent.id, "now": clock.now()}),
    )
    if (cursor := _cursor(after)) is not None:
        place, start = tuple_(at, Ticket.id), tuple_(cast(cursor[0], DateTime(timezone=True)), cursor[1])
        inner = inner.where(place > start if view.working else place < start)
    each = inner.order_by(*_order(view, at, Ticket.id)).limit(limit).lateral("each")
    merged = select(each.c.id, cast(each.c.at, Text).label("at")).select_from(teams.join(each, true()))
    return merged.order_by(*_order(view, each.c.at, each.c.id)).limit(limit)


def _order(view: View, *columns: Any) -> list[Any]:
    return [one.asc() if view.working else one.desc() for one in columns]


def _cursor(after: str | None) -> tuple[str, int] | None:
    at, _separator, number = (after or "").rpartition("~")
    return (at, int(number)) if at and number.isdigit() and len(number) < 19 else None


def load(ids: Sequence[int]) -> list[Ticket]:
    """The tickets in this order, with what a row shows, in a fixed number of queries."""
    statement = (
        select(Ticket)
        .options(
            joinedload(Ticket.customer).selectinload(Customer.identities),
            joinedload(Ticket.assignee),
            joinedload(Ticket.team),
            joinedload(Ticket.inbox),
        )
        .where(one_of(Ticket.id, ids))
    )
    found = {ticket.id: ticket for ticket in db.session.scalars(statement)}
    return [found[ticket_id] for ticket_id in ids if ticket_id in found]
