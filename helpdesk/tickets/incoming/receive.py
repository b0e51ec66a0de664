"""From the ledger to tickets: what is pending is interpreted in its order, in batches, each row safe from its neighbours.

A row that fails waits and is tried again; after the last try it is quarantined, shown to admins, and can be retried.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from itertools import groupby

import structlog
from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from channels.messages import IncomingMessage
from helpdesk import clock, locks
from helpdesk.contained import Died, Failed, TooCostly
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.queue import enqueue_after_commit
from helpdesk.sql import one_of
from helpdesk.tickets.incoming import receipts
from helpdesk.tickets.incoming.arriving import arrive
from helpdesk.tickets.incoming.place import Arrival
from helpdesk.tickets.incoming.place_sent import place_sent
from helpdesk.tickets.incoming.reading import Reading, Result, reason_of

log = structlog.get_logger()

BATCH_ITEMS, BATCH_BYTES = 100, 16_000_000
COMPANY = {0: BATCH_ITEMS, 1: 10}
"""How many rows of so many tries go together; with more tries each goes alone."""
ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=10)
_UNSEEN = {"synchronize_session": False}
"""No ledger row is loaded as an object here, so an UPDATE has none to keep in step."""


def drain(inbox_id: int) -> int:
    """Interpret everything due of one inbox; returns how many rows. Whoever holds the inbox's lease does it for all."""
    total = 0
    while _is_due(inbox_id):  # looked at again after the lease ends: nothing slips in between
        with locks.lease(locks.Lock.RECEIVE, inbox_id) as ours:
            if not ours:
                return total
            total += _go_through(inbox_id)
    return total


def _go_through(inbox_id: int) -> int:
    """Interpret what is due, from first to last: while one batch is placed, a child reads the next."""
    total, now, ahead = 0, None, None
    try:
        while ids := _claim(inbox_id, after=ahead.last if ahead else 0):
            now, ahead = ahead, Reading(inbox_id, ids)
            total += len(ids)
            if now:
                _settle(inbox_id, now.results())
        if ahead:
            _settle(inbox_id, ahead.results())
    finally:
        for reading in filter(None, (now, ahead)):
            reading.close()
    return total


def due_inboxes() -> list[int]:
    """Inboxes with something due in their ledger."""
    return list(db.session.scalars(select(Received.inbox_id).where(_due()).distinct()))


def retry(received_id: int) -> None:
    """Give a row that made no message (quarantined, waiting, given up or only kept) a fresh set of tries, and commit."""
    row = db.session.get(Received, received_id, with_for_update=True)
    if row is None or not (row.status in ("quarantined", "pending") or (row.status == "ignored" and row.reason)):
        db.session.rollback()
        raise NotFound("There is nothing to retry under this number.")
    row.status, row.reason, row.attempts, row.next_attempt_at = "pending", "", 0, None
    enqueue_after_commit("helpdesk.jobs.receive", row.inbox_id, queue="receive")
    db.session.commit()


def _is_due(inbox_id: int) -> bool:
    due = db.session.scalar(select(Received.id).where(Received.inbox_id == inbox_id, _due()).limit(1))
    db.session.rollback()
    return due is not None


def _due() -> ColumnElement[bool]:
    return and_(
        Received.status == "pending",
        or_(Received.next_attempt_at.is_(None), Received.next_attempt_at <= clock.now()),
    )


def _claim(inbox_id: int, after: int) -> list[int]:
    """Count a try for the next batch before touching it, so that a row that kills the process is known by it.

    Rows that had a try go in fewer company, at last alone; each then waits the longer for the next, so that one that
    kills does not stand in the way of the others. The last ones of a batch wait when it grows too large.
    """
    rows = db.session.execute(
        select(Received.id, Received.size, Received.attempts)
        .where(Received.inbox_id == inbox_id, Received.id > after, _due())
        .order_by(Received.id)
        .limit(BATCH_ITEMS)
    ).all()
    ids: list[int] = []
    size = 0
    tries = rows[0].attempts if rows else 0
    for row in rows[: COMPANY.get(tries, 1)]:
        size += row.size
        if row.attempts != tries or (ids and size > BATCH_BYTES):
            break
        ids.append(row.id)
    claimed = update(Received).where(one_of(Received.id, ids))
    again = clock.now() + _wait(tries) if tries not in COMPANY else None
    db.session.execute(claimed.values(attempts=Received.attempts + 1, next_attempt_at=again))
    db.session.execute(
        claimed.where(Received.attempts > ATTEMPTS).values(
            status="quarantined", reason="fatal", error="the worker's process ended while it had this item"
        )
    )
    db.session.commit()
    return ids


def _wait(tries: int) -> timedelta:
    return FIRST_RETRY * int(4 ** min(max(tries - 1, 0), ATTEMPTS))


def interpret(inbox_id: int, ids: Sequence[int]) -> None:
    """Turn these pending rows into what they say and commit; together, or one by one when that fails."""
    with closing(Reading(inbox_id, ids)) as reading:
        _settle(inbox_id, reading.results())


def _settle(inbox_id: int, results: Sequence[Result]) -> None:
    """Commit what was read, then what could not be read."""
    _place_safely(inbox_id, [result for result in results if result.error is None])
    for result in results:
        if result.error is not None:
            _note_failure(result.received_id, result.error)


def _place_safely(inbox_id: int, results: Sequence[Result]) -> None:
    try:
        _place(inbox_id, results)
    except (OperationalError, InterfaceError):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        if len(results) == 1:
            _note_failure(results[0].received_id, error)
            return
        log.warning("batch_failed", inbox=inbox_id, items=len(results), reason=type(error).__name__)
        for result in results:
            _place_safely(inbox_id, [result])


def _place(inbox_id: int, results: Sequence[Result]) -> None:
    inbox = db.session.get_one(Inbox, inbox_id)
    results = _still_pending(results)
    arrivals: list[Arrival] = []
    for result in results:
        for item in result.items:
            if isinstance(item, IncomingMessage):
                arrivals.append(Arrival(result.received_id, item))
            else:
                receipts.apply(inbox, item)
    ignored = [result.received_id for result in results if not result.items]
    for by_us, some in groupby(arrivals, key=lambda arrival: arrival.message.written_by_us):
        if by_us:
            ignored += place_sent(inbox, list(some))
        else:
            ignored += arrive(inbox, list(some))
    _mark([result.received_id for result in results], ignored)
    db.session.commit()


def _still_pending(results: Sequence[Result]) -> list[Result]:
    """The results whose rows nobody else has settled, those locked: a lease ends with the database, its holder may not."""
    rows = select(Received.id).where(one_of(Received.id, [result.received_id for result in results]))
    pending = set(db.session.scalars(rows.where(Received.status == "pending").order_by(Received.id).with_for_update()))
    return [result for result in results if result.received_id in pending]


def _mark(ids: Sequence[int], ignored: Sequence[int]) -> None:
    """Mark the rows as done, those that made nothing as ignored."""
    status = case((one_of(Received.id, ignored), "ignored"), else_="done")
    pending = update(Received).where(one_of(Received.id, ids), Received.status == "pending")
    db.session.execute(pending.values(status=status, done_at=clock.now(), error=""), execution_options=_UNSEEN)


def _note_failure(received_id: int, error: Exception) -> None:
    """What cannot end otherwise the next time is quarantined at once; anything else has further tries."""
    reason = reason_of(error)
    row = db.session.get_one(Received, received_id, with_for_update=True, populate_existing=True)
    if row.status != "pending":
        db.session.rollback()
        return
    words = str(error) if isinstance(error, (TooCostly, Died, Failed)) else f"{type(error).__name__}: {error}"
    row.error = storable(words, 2000)
    last = reason != "failed" or row.attempts >= ATTEMPTS
    row.status, row.reason = ("quarantined", reason) if last else ("pending", "")
    row.next_attempt_at = None if last else clock.now() + _wait(row.attempts)
    log.warning("item_failed", received=received_id, attempt=row.attempts, quarantined=last, reason=reason)
    db.session.commit()
