"""The live, sorted lists of tickets. Each is one range of one index for each team, however many tickets there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import joinedload

from helpdesk import clock, filters
from helpdesk.agents.access import team_keys
from helpdesk.agents.models import Agent, Team
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
    """One page of a queue as the ids of its tickets; ``next`` is the cursor of the page after it, None at the end."""

    ids: list[int]
    next: str | None


def page(agent: Agent, name: str, *, after: str | None = None, limit: int = 30) -> Page:
    """The tickets of a view that the agent may see, nearest deadline first (finished ones: newest first).

    Raises NotFound for an unknown view; an unreadable cursor starts at the top.
    """
    _view(name)
    cursor = _cursor(after)
    values = _values(agent) | ({"after_at": cursor[0], "after_id": cursor[1]} if cursor else {})
    found = db.session.execute(_page_of(name, agent.is_admin, cursor is not None), values | {"most": limit + 1}).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page([row.id for row in found[:limit]], f"{last.at}~{last.id}" if last else None)


def counts(agent: Agent) -> dict[str, int]:
    """How many tickets each view of working tickets holds, counted up to COUNTED."""
    return dict(db.session.execute(_counts_of(agent.is_admin), _values(agent) | {"most": COUNTED}).one()._mapping)


def _values(agent: Agent) -> dict[str, Any]:
    teams = {} if agent.is_admin else {"keys": team_keys(agent)}
    return {"me": agent.id, "now": clock.now(), **teams}


def _view(name: str) -> View:
    if name not in VIEWS:
        raise NotFound(_("There is no such view."))
    return VIEWS[name]


@cache
def _counts_of(every_team: bool) -> Select[Any]:
    parts = []
    for view in VIEWS.values():
        if view.working:
            inner = _ranges(view, every_team, False).subquery()
            parts.append(select(func.count()).select_from(inner).scalar_subquery().label(view.name))
    return select(*parts)


@cache
def _page_of(name: str, every_team: bool, goes_on: bool) -> Select[Any]:
    return _ranges(VIEWS[name], every_team, goes_on)


def _ranges(view: View, every_team: bool, goes_on: bool) -> Select[Any]:
    """Merge the first rows of each team: PostgreSQL cannot merge ranges of one index in order by itself.

    Its parameters: me, now, most; keys unless for every team; after_at and after_id when the page goes on from a cursor.
    """
    teams = _every_team() if every_team else _teams_by_key()
    at: ColumnElement[Any] = literal_column(QUEUE_AT if view.working else "tickets.updated_at")
    names = {"me": bindparam("me", type_=BigInteger), "now": bindparam("now", type_=DateTime(timezone=True))}
    inner = select(Ticket.id, at.label("at")).where(
        literal_column(TEAM_KEY) == teams.c.key,
        text(IS_WORKING if view.working else f"not ({IS_WORKING})"),
        filters.criterion(view.conditions, FIELDS, names),
    )
    if goes_on:
        after_at = cast(bindparam("after_at", type_=Text), DateTime(timezone=True))
        place, start = tuple_(at, Ticket.id), tuple_(after_at, bindparam("after_id", type_=BigInteger))
        inner = inner.where(place > start if view.working else place < start)
    most = bindparam("most", type_=Integer)
    each = inner.order_by(*_order(view, at, Ticket.id)).limit(most).lateral("each")
    merged = select(each.c.id, cast(each.c.at, Text).label("at")).select_from(teams.join(each, true()))
    return merged.order_by(*_order(view, each.c.at, each.c.id)).limit(most)


def _teams_by_key() -> FromClause:
    keys = func.unnest(bindparam("keys", type_=ARRAY(BigInteger)))
    return keys.table_valued(column("key", BigInteger)).render_derived(name="teams")


def _every_team() -> FromClause:
    """The keys of all teams and of no team, as admins see them."""
    return union_all(select(literal(0).label("key")), select(Team.id.label("key"))).subquery("every_team")


def _order(view: View, *columns: Any) -> list[Any]:
    return [one.asc() if view.working else one.desc() for one in columns]


def _cursor(after: str | None) -> tuple[str, int] | None:
    at, _separator, number = (after or "").rpartition("~")
    return (at, int(number)) if _is_instant(at) and number.isdecimal() and len(number) < 19 else None


def _is_instant(at: str) -> bool:
    try:
        return at == "infinity" or bool(datetime.fromisoformat(at))
    except ValueError:
        return False


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
