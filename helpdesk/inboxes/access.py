"""Which inboxes an agent may use: those of his teams and those of no team; an admin every one."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import joinedload

from helpdesk import crypto, cursors
from helpdesk.agents.access import sees_team, visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox

NEWEST_FIRST = "-created_at"


def seen(agent: Agent) -> Select[Inbox]:
    """Select the inboxes that the agent may use, with their teams."""
    return select(Inbox).options(joinedload(Inbox.team)).where(visible(agent, Inbox.team_id))


def get(agent: Agent, inbox_id: int) -> Inbox:
    """The inbox. Raises NotFound for a stranger."""
    inbox = db.session.get(Inbox, inbox_id)
    if inbox is None or not sees_team(agent, inbox.team_id):
        raise NotFound(_("This inbox does not exist, or is not yours to see."))
    return inbox


def listed(agent: Agent, *, cursor: str | None = None, limit: int = 50) -> Page[Inbox]:
    """The inboxes that the agent may use, newest first. Raises Invalid for a cursor that is none."""
    statement = seen(agent).order_by(Inbox.created_at.desc(), Inbox.id.desc()).limit(limit + 1)
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Inbox.created_at, Inbox.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda inbox: Place(inbox.created_at, inbox.id))


def secret_names(inbox: Inbox) -> list[str]:
    """Which secrets are set, not what they are."""
    return sorted(name for name, value in crypto.unseal(inbox.secrets).items() if value)


def named(agent: Agent, name: int | str) -> Inbox | None:
    """The inbox with this id or address, if the agent may use it; of several with one address the oldest."""
    by_name = Inbox.id == name if isinstance(name, int) else Inbox.address == name.strip().lower()
    return db.session.scalar(seen(agent).where(by_name).order_by(Inbox.id).limit(1))
