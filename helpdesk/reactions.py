"""Who reacts to what happens on a ticket, readable from top to bottom.

Every entry is handled once, in order, under its ticket's row lock, in one transaction with ``reacted_at``. A reaction
only writes rows (clocks, deliveries, entries, which are reacted to in their turn); it never talks to the outside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.sla import clocks
from helpdesk.surveys import invite
from helpdesk.tickets.models import Entry, Ticket

REACTIONS: tuple[Callable[[Ticket, Entry], None], ...] = (clocks.follow, invite.follow)

AT_ONCE = 100
RETRY = timedelta(minutes=1)

log = structlog.get_logger()


def react() -> int:
    """React to every entry not yet reacted to; returns how many. Tickets that somebody is working on are left to him."""
    total = 0
    while handled := _some():
        total += handled
    return total


def _some() -> int:
    """Handle the entries of some tickets in one transaction. One ticket's failure is its own: it is tried again later."""
    ids = db.session.scalars(select(Entry.ticket_id).where(_due()).distinct().limit(AT_ONCE)).all()
    tickets = db.session.scalars(
        select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update(skip_locked=True)
    ).all()
    handled = sum(_react_to(ticket) for ticket in tickets)
    db.session.commit()
    return handled


def _due() -> ColumnElement[bool]:
    return and_(
        Entry.reacted_at.is_(None),
        Entry.ticket_id.is_not(None),
        or_(Entry.retry_at.is_(None), Entry.retry_at <= clock.now()),
    )


def _react_to(ticket: Ticket) -> int:
    entries = db.session.scalars(
        select(Entry)
        .options(joinedload(Entry.message))
        .where(Entry.ticket_id == ticket.id, Entry.reacted_at.is_(None))
        .order_by(Entry.id)
    ).all()
    try:
        with db.session.begin_nested():
            for entry in entries:
                for reaction in REACTIONS:
                    reaction(ticket, entry)
                entry.reacted_at = clock.now()
    except DBAPIError:
        raise
    except Exception as error:
        log.exception("reaction_failed", ticket=ticket.id, reason=type(error).__name__)
        for entry in entries:
            entry.retry_at = clock.now() + RETRY
    return len(entries)
