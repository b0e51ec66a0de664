"""Reads of notifications and followers: each agent's own, of tickets that he may still see."""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from helpdesk import cursors
from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.extensions import db
from helpdesk.notifications.models import Follower, Notification
from helpdesk.tickets.models import Ticket

PAGE = 50
COUNTED = 100
NEWEST_FIRST = "-id"


def newest(agent: Agent, *, before: int | None = None) -> list[Notification]:
    """What the agent was told last, newest first."""
    statement = _of(agent).options(contains_eager(Notification.ticket).joinedload(Ticket.customer))
    if before is not None:
        statement = statement.where(Notification.id < before)
    return list(db.session.scalars(statement.order_by(Notification.id.desc()).limit(PAGE)))


def listed(agent: Agent, *, cursor: str | None = None, limit: int = 50) -> Page[Notification]:
    """A page of the same, for programs. Raises Invalid for a cursor that is none."""
    statement = _of(agent).order_by(Notification.id.desc())
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(Notification.id < place.id)
    rows = db.session.scalars(statement.limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda found: Place(found.created_at, found.id))


def unread(agent: Agent) -> int:
    """How many the agent has not read, counted up to COUNTED."""
    some = _of(agent).where(Notification.read_at.is_(None)).limit(COUNTED).with_only_columns(Notification.id)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def followers(ticket: Ticket) -> list[Agent]:
    """Who follows the ticket, by name."""
    statement = (
        select(Agent)
        .join(Follower, Follower.agent_id == Agent.id)
        .options(joinedload(Agent.teams))
        .where(Follower.ticket_id == ticket.id, Follower.following, Agent.active)
    )
    return list(db.session.scalars(statement.order_by(Agent.name)).unique())


def _of(agent: Agent) -> Select[Notification]:
    statement = select(Notification).join(Ticket, Ticket.id == Notification.ticket_id)
    return statement.where(Notification.agent_id == agent.id, visible(agent, Ticket.team_id))
