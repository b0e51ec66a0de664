"""Finding tickets by any filter, newest or longest unchanged first: each order is one range of one index for each team."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, column, or_, select, text, true, tuple_, values
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from helpdesk import clock, cursors, filters
from helpdesk.agents.access import team_keys
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.extensions import db
from helpdesk.text_search import has_words, is_common
from helpdesk.tickets import queries
from helpdesk.tickets.models import IS_WORKING, TEAM_KEY, WORKING, Ticket
from helpdesk.tickets.queues import FIELDS

ORDERS: dict[str, InstrumentedAttribute[Any]] = {"created_at": Ticket.created_at, "updated_at": Ticket.updated_at}
SORTS = tuple(f"{sign}{name}" for name in ORDERS for sign in ("-", ""))
ORDERED = ("assignee", "inbox")
"""Fields with an index in order of their own, and with values that the planner knows the number of."""
FOUND = ("customer", "tag")
"""Fields with an index that finds: what it finds is sorted afterwards, unless it is too much."""
NO_TEAM = -1
"""A key that no ticket has."""
_NUMBER = re.compile(r"#?(\d{1,18})")


def listed(
    agent: Agent,
    conditions: Sequence[filters.Condition],
    *,
    words: str = "",
    sort: str = "-created_at",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Ticket]:
    """The tickets that meet all conditions and that the agent may see, a page at a time. Raises Invalid."""
    names = {"me": agent.id, "now": clock.now()}
    where = [filters.criterion(conditions, FIELDS, names), *_half(conditions)]
    find = _ordered if _asks(conditions, ORDERED) else _merged
    rare = [filters.criterion([one], FIELDS, names) for one in conditions if one["field"] in FOUND]
    if words.strip():
        rare.append(matches(words))
        where.append(rare[-1].is_(True) if is_common(Ticket.id, rare[-1]) else rare[-1])
    if rare and not all(is_common(Ticket.id, criterion) for criterion in rare):
        find = _sorted
    if (place := cursors.read(cursor, sort)) is not None:
        where.append(_after(sort, place))
    ids = db.session.scalars(find(_keys(agent, conditions), where, sort, limit + 1)).all()
    order = ORDERS[sort.lstrip("-")].key
    return cursors.cut(_load(ids), limit, sort, lambda ticket: Place(getattr(ticket, order), ticket.id))


def _asks(conditions: Sequence[filters.Condition], fields: Sequence[str]) -> bool:
    return any(condition["field"] in fields and condition["value"] is not None for condition in conditions)


def _keys(agent: Agent, conditions: Sequence[filters.Condition]) -> list[int]:
    """The teams to look at: those whose tickets the agent sees, of which the filter may want one."""
    wanted = {condition["value"] or 0 for condition in conditions if condition["field"] == "team"}
    return [key for key in team_keys(agent) if not wanted or key in wanted] or [NO_TEAM]


def matches(words: str) -> ColumnElement[bool]:
    """The criterion for tickets whose subject, customer or address has these words, or whose number they are."""
    found = has_words(Ticket.search_text, words)
    number = _NUMBER.fullmatch(words.strip())
    return or_(found, Ticket.id == int(number.group(1))) if number else found


def _half(conditions: Sequence[filters.Condition]) -> list[ColumnElement[bool]]:
    """Say literally that only working tickets are asked for, so that the small index of them can be used."""
    asked = [condition["value"] for condition in conditions if condition["field"] == "status"]
    return [text(IS_WORKING)] if asked and set(asked[0]) <= set(WORKING) else []  # type: ignore[list-item]


def _after(sort: str, place: Place) -> ColumnElement[bool]:
    here, there = tuple_(ORDERS[sort.lstrip("-")], Ticket.id), tuple_(place.at, place.id)
    return here < there if sort.startswith("-") else here > there


def _order(sort: str) -> tuple[Any, Any]:
    ordered = ORDERS[sort.lstrip("-")]
    return (ordered.desc(), Ticket.id.desc()) if sort.startswith("-") else (ordered.asc(), Ticket.id.asc())


def _ordered(keys: list[int], where: list[ColumnElement[bool]], sort: str, limit: int) -> Select[int]:
    """Leave it to the planner."""
    seen = text(f"{TEAM_KEY} = any(:keys)").bindparams(keys=keys)
    return select(Ticket.id).where(seen, *where).order_by(*_order(sort)).limit(limit)


def _sorted(keys: list[int], where: list[ColumnElement[bool]], sort: str, limit: int) -> Select[int]:
    """Find first and sort then, whatever the planner thinks: it cannot know how few tickets some words find."""
    seen = text(f"{TEAM_KEY} = any(:keys)").bindparams(keys=keys)
    ordered = ORDERS[sort.lstrip("-")].label("at")
    found = select(Ticket.id, ordered).where(seen, *where).cte("found").prefix_with("materialized")
    down = sort.startswith("-")
    order = [part.desc() if down else part.asc() for part in (found.c.at, found.c.id)]
    return select(found.c.id).order_by(*order).limit(limit)


def _merged(keys: list[int], where: list[ColumnElement[bool]], sort: str, limit: int) -> Select[int]:
    """Merge the first rows of each team: PostgreSQL cannot merge ranges of one index in order by itself."""
    teams = values(column("key", Integer), name="teams").data([(key,) for key in keys])
    ordered = ORDERS[sort.lstrip("-")].label("at")
    inner = select(Ticket.id, ordered).where(text(f"{TEAM_KEY} = teams.key"), *where)
    each = inner.order_by(*_order(sort)).limit(limit).lateral("each")
    merged = select(each.c.id).select_from(teams.join(each, true()))
    down = sort.startswith("-")
    return merged.order_by(*(part.desc() if down else part.asc() for part in (each.c.at, each.c.id))).limit(limit)


def _load(ids: Sequence[int]) -> list[Ticket]:
    """The tickets in this order, with what is said of them, in a fixed number of queries."""
    statement = queries.whole().options(selectinload(Ticket.deadlines)).where(Ticket.id.in_(ids))
    found = {ticket.id: ticket for ticket in db.session.scalars(statement)}
    return [found[ticket_id] for ticket_id in ids if ticket_id in found]
