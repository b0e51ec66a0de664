"""Reads of macros. Every one takes the acting agent and returns only what he may see."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import joinedload

from helpdesk import cursors
from helpdesk.agents import sharing
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.macros.models import Macro

NEWEST_FIRST = "-created_at"


def get(agent: Agent, macro_id: int) -> Macro:
    """The macro. Raises NotFound for a stranger."""
    found = db.session.scalar(_whole(agent).where(Macro.id == macro_id))
    if found is None:
        raise NotFound(_("This macro does not exist, or is not yours to see."))
    return found


def all_of(agent: Agent) -> list[Macro]:
    """Every macro that the agent may use: those with a key first, by key; then by name."""
    order = (Macro.key == "", Macro.key, func.lower(Macro.name))
    return list(db.session.scalars(_whole(agent).order_by(*order)))


def offered(agent: Agent) -> list[tuple[Macro, str]]:
    """The macros of ``all_of``, each with the key that runs it here: of two with one key the agent's own has it."""
    found = all_of(agent)
    holders: dict[str, Macro] = {}
    for macro in sorted(found, key=lambda one: (one.owner_id is None, one.team_id is None)):
        holders.setdefault(macro.key, macro)
    return [(macro, macro.key if holders[macro.key] is macro else "") for macro in found]


def listed(agent: Agent, *, cursor: str | None = None, limit: int = 50) -> Page[Macro]:
    """A page of them, newest first. Raises Invalid for a cursor that is none."""
    statement = _whole(agent).order_by(Macro.created_at.desc(), Macro.id.desc())
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Macro.created_at, Macro.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement.limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda found: Place(found.created_at, found.id))


def _whole(agent: Agent) -> Select[Macro]:
    return select(Macro).options(joinedload(Macro.team), joinedload(Macro.canned)).where(sharing.seen_by(agent, Macro))
