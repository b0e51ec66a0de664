"""Tickets to choose from as somebody types: first the same customer's, then whatever the words find."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.tickets import queries, queues, search
from helpdesk.tickets.models import IS_WORKING, Ticket

MOST = 8


def find(agent: Agent, ticket: Ticket, words: str = "") -> Sequence[Ticket]:
    """Up to MOST other tickets that the agent sees; without words the same customer's, open ones first."""
    queries.seen(agent, ticket)
    if not words.strip():
        return _of_the_customer(agent, ticket)
    found = search.listed(agent, [], words=words, sort="-updated_at", limit=3 * MOST)
    return [one for one in found.items if one.id != ticket.id and one.merged_into_id is None][:MOST]


def _of_the_customer(agent: Agent, ticket: Ticket) -> Sequence[Ticket]:
    statement = (
        select(Ticket.id)
        .where(
            Ticket.customer_id == ticket.customer_id,
            Ticket.id != ticket.id,
            Ticket.merged_into_id.is_(None),
            visible(agent, Ticket.team_id),
        )
        .order_by(text(f"({IS_WORKING}) desc"), Ticket.id.desc())
        .limit(MOST)
    )
    return queues.load(db.session.scalars(statement).all())
