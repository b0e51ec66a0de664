"""What customers answered to surveys, on the tickets that an agent sees."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from helpdesk import cursors
from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.customers.models import Customer
from helpdesk.extensions import db
from helpdesk.surveys.models import Invitation, Survey
from helpdesk.tickets.models import Ticket

NEWEST_FIRST = "-answered_at"


def listed(
    agent: Agent,
    *,
    kind: str | None = None,
    ticket: int | None = None,
    customer: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Invitation]:
    """Answered invitations, newest answer first, of a kind, a ticket or a customer if given. Raises Invalid."""
    statement = (
        select(Invitation)
        .join(Invitation.ticket)
        .join(Invitation.survey)
        .options(
            contains_eager(Invitation.ticket),
            contains_eager(Invitation.survey),
            joinedload(Invitation.customer).selectinload(Customer.identities),
        )
        .where(Invitation.answered_at.is_not(None), visible(agent, Ticket.team_id))
        .order_by(Invitation.answered_at.desc(), Invitation.id.desc())
        .limit(limit + 1)
    )
    for column, wanted in ((Survey.kind, kind), (Ticket.id, ticket), (Invitation.customer_id, customer)):
        statement = statement if wanted is None else statement.where(column == wanted)
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Invitation.answered_at, Invitation.id) < tuple_(place.at, place.id))
    return cursors.cut(db.session.scalars(statement).all(), limit, NEWEST_FIRST, _place)


def _place(invitation: Invitation) -> Place:
    assert invitation.answered_at is not None  # noqa: S101
    return Place(invitation.answered_at, invitation.id)
