"""Who reacts to what happens on a ticket, readable from top to bottom.

Every entry is handled once, in order, under its ticket's row lock, in one transaction with ``reacted_at``. A reaction
only writes rows (clocks, deliveries, entries, which are reacted to in their turn); it never talks to the outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload, selectinload

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.notifications import follow as notifications
from helpdesk.scheduled import follow as scheduled
from helpdesk.sla import clocks
from helpdesk.sql import number_new, one_of
from helpdesk.surveys import invite
from helpdesk.tickets.models import Entry, Ticket

REACTIONS: tuple[Callable[[Ticket, Entry], None], ...] = (
    clocks.follow,
    invite.follow,
    scheduled.follow,
    notifications.follow,
)

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
    tickets = _locked(ids)
    entries = _unreacted(tickets)
    kept = clocks.targets()
    if entries and not _handled(tickets, entries):
        for number, ticket in tickets.items():
            _handle_alone(ticket, [entry for entry in entries if entry.ticket_id == number])
    del kept
    db.session.commit()
    return len(entries)


def _due() -> ColumnElement[bool]:
    return and_(
        Entry.reacted_at.is_(None),
        Entry.ticket_id.is_not(None),
        or_(Entry.retry_at.is_(None), Entry.retry_at <= clock.now()),
    )


def _locked(ids: Sequence[int | None]) -> dict[int, Ticket]:
    statement = select(Ticket).where(one_of(Ticket.id, ids)).order_by(Ticket.id).with_for_update(skip_locked=True)
    return {ticket.id: ticket for ticket in db.session.scalars(statement.options(*_WITH))}


_WITH = (selectinload(Ticket.deadlines), selectinload(Ticket.followers), selectinload(Ticket.scheduled))


def _unreacted(tickets: Collection[int]) -> Sequence[Entry]:
    return db.session.scalars(
        select(Entry)
        .options(joinedload(Entry.message))
        .where(one_of(Entry.ticket_id, tickets), Entry.reacted_at.is_(None))
        .order_by(Entry.id)
    ).all()


def _handled(tickets: Mapping[int, Ticket], entries: Sequence[Entry]) -> bool:
    """React to these entries within a savepoint; False, and nothing done, when a reaction fails."""
    try:
        with db.session.begin_nested():
            for entry in entries:
                for reaction in REACTIONS if _concerns(entry) else ():
                    reaction(tickets[entry.ticket_id or 0], entry)
                entry.reacted_at = clock.now()
            number_new()
    except DBAPIError:
        raise
    except Exception as error:
        numbers = sorted({entry.ticket_id or 0 for entry in entries})
        log.exception("reaction_failed", tickets=numbers, reason=type(error).__name__)
        return False
    return True


def _concerns(entry: Entry) -> bool:
    """Whether an entry says something of its ticket: what a merged one brought along, apart from messages, does not."""
    return entry.came_from_id is None or entry.kind == "message"


def _handle_alone(ticket: Ticket, entries: Sequence[Entry]) -> None:
    if entries and not _handled({ticket.id: ticket}, entries):
        for entry in entries:
            entry.retry_at = clock.now() + RETRY
