"""Reads of surveys: what a customer is reminded of, and how satisfied he was."""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.surveys.models import Invitation, Survey
from helpdesk.tickets.models import Delivery, Message, Ticket


def all_surveys() -> list[Survey]:
    """Every survey, in the order made."""
    return list(db.session.scalars(select(Survey).order_by(Survey.id)))


def answers(agent: Agent, customer_id: int, limit: int = 50) -> list[Invitation]:
    """The customer's answers on tickets that the agent may see, newest first."""
    statement = (
        select(Invitation)
        .join(Ticket, Ticket.id == Invitation.ticket_id)
        .where(Invitation.customer_id == customer_id, Invitation.answered_at.is_not(None), visible(agent, Ticket.team_id))
        .order_by(Invitation.answered_at.desc(), Invitation.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def last_reply(ticket: Ticket) -> Message | None:
    """The last thing an agent wrote to the customer that was not taken back."""
    left = exists().where(Delivery.message_id == Message.id, Delivery.status != "cancelled")
    return db.session.scalar(
        select(Message)
        .options(joinedload(Message.agent))
        .where(Message.ticket_id == ticket.id, Message.direction == "outbound", Message.automatic.is_(False), left)
        .order_by(Message.id.desc())
        .limit(1)
    )
