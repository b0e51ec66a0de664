"""Agents and teams by what programs call them: an id, an address, a name."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.orm import selectinload

from helpdesk import cursors
from helpdesk.agents.actions import agent_by_email
from helpdesk.agents.models import Agent, Team
from helpdesk.cursors import Page, Place
from helpdesk.extensions import db

ME = "me"
NEWEST_FIRST = "-created_at"


def team(named: int | str) -> Team | None:
    """The team with this id or name."""
    if isinstance(named, int):
        return db.session.get(Team, named)
    return db.session.scalar(select(Team).where(Team.name == named))


def colleague(agent: Agent, named: int | str) -> Agent | None:
    """The agent with this id or mail address; ``me`` is the one who asks."""
    if named == ME:
        return agent
    return db.session.get(Agent, named) if isinstance(named, int) else agent_by_email(named)


def agents(*, cursor: str | None = None, limit: int = 50) -> Page[Agent]:
    """Every agent with his teams, newest first: colleagues know each other. Raises Invalid for a cursor that is none."""
    statement = select(Agent).options(selectinload(Agent.teams)).order_by(Agent.created_at.desc(), Agent.id.desc())
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Agent.created_at, Agent.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement.limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda found: Place(found.created_at, found.id))


def teams(*, cursor: str | None = None, limit: int = 50) -> Page[Team]:
    """Every team, newest first. Raises Invalid for a cursor that is none."""
    statement = select(Team).order_by(Team.created_at.desc(), Team.id.desc())
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Team.created_at, Team.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement.limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda found: Place(found.created_at, found.id))
