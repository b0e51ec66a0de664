"""Verbs on notifications and followers. Each commits."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.notifications.models import Follower, Notification
from helpdesk.tickets import queries as tickets


def read(agent: Agent, notification_id: int | None = None, *, number: int | None = None) -> None:
    """Mark as read: one, all of a ticket, or all of them. What is not the agent's stays as it is."""
    which = [Notification.agent_id == agent.id, Notification.read_at.is_(None)]
    if notification_id is not None:
        which.append(Notification.id == notification_id)
    if number is not None:
        which.append(Notification.ticket_id == number)
    db.session.execute(update(Notification).where(*which).values(read_at=clock.now()))
    db.session.commit()


def set_following(agent: Agent, number: int, following: bool) -> None:
    """Follow a ticket, or stop and stay out of it until one follows it again. Raises NotFound for a stranger."""
    ticket = tickets.get(agent, number)
    statement = insert(Follower).values(ticket_id=ticket.id, agent_id=agent.id, following=following)
    again = statement.on_conflict_do_update(index_elements=["ticket_id", "agent_id"], set_={"following": following})
    db.session.execute(again)
    db.session.commit()
