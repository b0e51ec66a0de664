"""Reads of tickets and their timelines. Every one takes the acting agent and returns only what he may see."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from helpdesk.agents.access import sees_team, visible
from helpdesk.agents.models import Agent
from helpdesk.customers.models import Customer
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.tickets.models import Attachment, Entry, Message, Ticket

TIMELINE_PAGE = 40
MISSED_PAGE = 500


class Merged(Conflict):
    """The ticket was merged into another one: everything goes on there. ``extra["merged_into"]`` is its number."""

    code = "merged"


def get(agent: Agent, number: int) -> Ticket:
    """The ticket with what its page shows. Raises NotFound for a stranger."""
    return seen(agent, db.session.scalar(whole().where(Ticket.id == number)))


def locked(agent: Agent, number: int) -> Ticket:
    """The ticket, its row locked until the transaction ends. Raises NotFound for a stranger, Merged for one that is over."""
    statement = select(Ticket).where(Ticket.id == number).with_for_update()
    return refuse_merged(seen(agent, db.session.scalar(statement.execution_options(populate_existing=True))))


def timeline(
    agent: Agent, ticket: Ticket, *, before: int | None = None, after: int | None = None, limit: int = TIMELINE_PAGE
) -> list[Entry]:
    """The newest entries of the ticket, oldest first; those ``before`` or ``after`` an entry when it is given."""
    seen(agent, ticket)
    statement = with_messages().where(Entry.ticket_id == ticket.id).order_by(Entry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Entry.id < before)
    if after is not None:
        statement = statement.where(Entry.id > after)
    return list(reversed(db.session.scalars(statement).unique().all()))


def team_of(number: int) -> int | None:
    """The team of a ticket, for choosing the rooms that hear of it."""
    return db.session.scalar(select(Ticket.team_id).where(Ticket.id == number))


def others_of(agent: Agent, ticket: Ticket, limit: int) -> list[Ticket]:
    """The customer's other tickets that the agent may see, newest first."""
    statement = (
        select(Ticket)
        .where(
            Ticket.customer_id == ticket.customer_id,
            Ticket.id != ticket.id,
            Ticket.merged_into_id.is_(None),
            visible(agent, Ticket.team_id),
        )
        .order_by(Ticket.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def attachment(agent: Agent, attachment_id: int) -> Attachment:
    """A file of a message that the agent may see, or one that he has just uploaded himself. Raises NotFound."""
    found = db.session.get(Attachment, attachment_id)
    if found is None:
        raise NotFound(_("This file does not exist, or is not yours to see."))
    if found.message is None:
        if found.agent_id != agent.id:
            raise NotFound(_("This file does not exist, or is not yours to see."))
        return found
    seen(agent, found.message.ticket)
    return found


def message(agent: Agent, message_id: int) -> Message:
    """A message that the agent may see, with its HTML. Raises NotFound for a stranger."""
    statement = select(Message).options(joinedload(Message.ticket), joinedload(Message.identity))
    found = db.session.scalar(statement.where(Message.id == message_id))
    if found is None:
        raise NotFound(_("This ticket does not exist, or is not yours to see."))
    seen(agent, found.ticket)
    return found


def with_messages() -> Select[Entry]:
    """Select entries with everything that a timeline shows of their messages, in a fixed number of queries."""
    message = joinedload(Entry.message)
    return select(Entry).options(
        message.selectinload(Message.attachments),
        message.selectinload(Message.deliveries),
        message.joinedload(Message.identity),
        message.joinedload(Message.agent),
        message.joinedload(Message.side_conversation),
    )


def whole() -> Select[Ticket]:
    """Select tickets with the people and places that are shown with them, in a fixed number of queries."""
    return select(Ticket).options(
        joinedload(Ticket.customer).selectinload(Customer.identities),
        joinedload(Ticket.inbox),
        joinedload(Ticket.team),
        joinedload(Ticket.assignee),
    )


def seen(agent: Agent, ticket: Ticket | None) -> Ticket:
    """The ticket, for an agent who may see it. Raises NotFound otherwise."""
    if ticket is None or not sees_team(agent, ticket.team_id):
        raise NotFound(_("This ticket does not exist, or is not yours to see."))
    return ticket


def refuse_merged(ticket: Ticket) -> Ticket:
    """The ticket, which nobody has merged into another one. Raises Merged, and gives its lock back, otherwise."""
    if ticket.merged_into_id is None:
        return ticket
    into = ticket.merged_into_id
    db.session.rollback()
    sentence = _("This ticket was merged into #%(number)s: go on there, or undo the merge.", number=into)
    raise Merged(sentence, extra={"merged_into": into})
