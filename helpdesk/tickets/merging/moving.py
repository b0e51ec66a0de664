"""Which rows go along with a ticket's conversation, and what a ticket looks like after they came or went."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, UniqueConstraint, select

from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.tickets.incoming.place import PREVIEW_CHARS
from helpdesk.tickets.merging.models import TicketLink, TicketMerge, TicketSplit
from helpdesk.tickets.models import Message, Ticket
from helpdesk.undoable import owned_by

OWN = frozenset(model.__tablename__ for model in (Ticket, TicketMerge, TicketSplit, TicketLink))


def columns() -> list[Column[Any]]:
    """The columns that say on which ticket something is read: of rows that are things of their own (they have an id), and
    of which a ticket may have any number. What is one a ticket (a survey, a clock, who takes part) stays with its ticket.
    """
    found = owned_by(Ticket.__tablename__, but=OWN)
    return [column for column in found if column.name == "ticket_id" and "id" in column.table.c and not _is_limited(column)]


def last_said(ticket: Ticket) -> dict[str, Any]:
    """What the ticket's row shows of its newest message; nothing when it has none."""
    said = select(Message).where(
        Message.ticket_id == ticket.id,
        Message.direction != "note",
        Message.side_conversation_id.is_(None),
        Message.automatic.is_(False),
    )
    last = db.session.scalar(said.order_by(Message.id.desc()).limit(1))
    if last is None:
        return {}
    text = one_line(last.visible_text or last.text, PREVIEW_CHARS)
    return {"last_text": text, "last_direction": last.direction, "last_at": last.created_at}


def _is_limited(column: Column[Any]) -> bool:
    rules = [one.columns for one in column.table.constraints if isinstance(one, UniqueConstraint)]
    unique = [*rules, *(index.columns for index in column.table.indexes if index.unique)]
    return any(column.name in columns for columns in unique)
