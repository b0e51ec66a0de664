"""Reads of surveys: what a customer is reminded of, and how satisfied he was."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.surveys.models import Invitation, Survey
from helpdesk.tickets.models import Delivery, Message, Ticket


def all_surveys() -> list[Survey]:
    """Every survey, in the order made."""
    return list(db.session.scalars(select(Survey).order_by(Survey.id)))


def survey(survey_id: int) -> Survey:
    """One survey. Raises NotFound."""
    found = db.session.get(Survey, survey_id)
    if found is None:
        raise NotFound(_("This survey does not exist."))
    return found


def figures(survey_id: int) -> tuple[int, int, float | None]:
    """How many were invited and how many answered, and the mean score (None without answers)."""
    statement = select(func.count(), func.count(Invitation.score), func.avg(Invitation.score))
    invited, answered, mean = db.session.execute(statement.where(Invitation.survey_id == survey_id)).one()
    return invited, answered, float(mean) if mean is not None else None


def last_reply(ticket: Ticket) -> Message | None:
    """The last thing an agent wrote to the customer that was not taken back."""
    left = exists().where(Delivery.message_id == Message.id, Delivery.status != "cancelled")
    return db.session.scalar(
        select(Message)
        .options(joinedload(Message.agent))
        .where(
            Message.ticket_id == ticket.id,
            Message.side_conversation_id.is_(None),
            Message.direction == "outbound",
            Message.automatic.is_(False),
            left,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
