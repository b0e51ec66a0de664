"""A customer's life with us on one timeline: every entry that the agent sees, by kind and a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true

from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page
from helpdesk.customers.queries import get as get_customer
from helpdesk.extensions import db
from helpdesk.tickets import history, queries
from helpdesk.tickets.models import WORKING, Entry, Message, Ticket

PAGE = 100

_IS_NOTE = and_(Entry.kind == "message", Message.direction == "note")
_IS_MESSAGE = and_(Entry.kind == "message", Message.direction != "note")
_IS_SURVEY = Entry.kind.in_(("survey_sent", "survey_answered"))
KINDS: dict[str, ColumnElement[bool]] = {
    "all": true(),
    "messages": _IS_MESSAGE,
    "notes": _IS_NOTE,
    "surveys": _IS_SURVEY,
    "changes": not_(or_(Entry.kind == "message", _IS_SURVEY)),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a list of customers says of one: how many tickets of his the agent sees, and how many are not finished."""

    tickets: int
    working: int


def page(agent: Agent, customer_id: int, kind: str, cursor: str | None) -> Page[Entry]:
    """Entries of one of KINDS, newest first. Raises NotFound for a stranger, Invalid for a cursor that is none."""
    customer = get_customer(agent, customer_id)
    statement = queries.with_messages().outerjoin(Message, Message.id == Entry.message_id)
    statement = statement.where(history.seen_of(agent, customer.id), KINDS[kind])
    return history.page(statement, history.NEWEST_FIRST, cursor, PAGE)


def counts(agent: Agent, customer_id: int) -> dict[str, int]:
    """How many entries of each of KINDS the agent sees."""
    each = [func.count().filter(criterion) for criterion in KINDS.values()]
    statement = select(*each).select_from(Entry).outerjoin(Message, Message.id == Entry.message_id)
    row = db.session.execute(statement.where(history.seen_of(agent, customer_id))).one()
    return dict(zip(KINDS, row, strict=True))


def standings(agent: Agent, customer_ids: list[int]) -> dict[int, Standing]:
    """The standing of each of these customers; one who has no ticket to see is left out."""
    statement = (
        select(Ticket.customer_id, func.count(), func.count().filter(Ticket.status.in_(WORKING)))
        .where(Ticket.customer_id.in_(customer_ids), visible(agent, Ticket.team_id))
        .group_by(Ticket.customer_id)
    )
    return {row[0]: Standing(row[1], row[2]) for row in db.session.execute(statement)}
