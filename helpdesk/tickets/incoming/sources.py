"""A message's original bytes, for those who may see its ticket."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from channels.messages import IncomingMessage
from helpdesk.agents.models import Agent
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Received
from helpdesk.tickets import queries
from helpdesk.tickets.incoming.reading import read_now
from helpdesk.tickets.models import Message

READ_BYTES = 1_000_000
"""A larger mail is not read again only to show its headers."""


@dataclass(frozen=True, slots=True)
class Details:
    """A message, where it came in, and what its source says; ``unread`` is a sentence on why that could not be read."""

    message: Message
    received: Received | None
    incoming: IncomingMessage | None = None
    unread: str = ""


def message(agent: Agent, number: int, message_id: int) -> Message:
    """A message of a ticket that the agent may see. Raises NotFound."""
    queries.get(agent, number)
    found = db.session.scalar(
        select(Message)
        .options(joinedload(Message.identity), joinedload(Message.agent))
        .where(Message.id == message_id, Message.ticket_id == number)
    )
    if found is None:
        raise NotFound(_("This message does not exist, or is not yours to see."))
    return found


def received(agent: Agent, number: int, message_id: int) -> Received:
    """The ledger row of a message. Raises NotFound, also for what never came in as bytes."""
    found = message(agent, number, message_id)
    row = _row(found)
    if row is None:
        raise NotFound(_("This message was written here: it has no original source."))
    return row


def details(agent: Agent, number: int, message_id: int) -> Details:
    """What stands behind a message that the agent may see. Raises NotFound."""
    found = message(agent, number, message_id)
    row = _row(found)
    if row is None or row.size > READ_BYTES:
        return Details(found, row)
    item, inbox = row.item, row.inbox
    db.session.commit()
    try:
        items = read_now(inbox, item)
    except Invalid as refusal:
        return Details(found, row, unread=refusal.detail)
    return Details(found, row, next((one for one in items if isinstance(one, IncomingMessage)), None))


def _row(found: Message) -> Received | None:
    if found.received_id is None:
        return None
    return db.session.get(Received, found.received_id, options=[joinedload(Received.inbox)])
