"""From the ledger to tickets: what is pending is interpreted in its order, in batches, each row safe from its neighbours.

A row that fails waits and is tried again; after the last try it is quarantined, shown to admins, and can be retried.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from channels.base import DeliveryUpdate, IncomingMessage, RawItem
from helpdesk import clock, locks
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.queries import connector
from helpdesk.queue import enqueue_after_commit
from helpdesk.sql import one_of
from helpdesk.tickets import receipts, side_receive
from helpdesk.tickets.place import Arrival, place

log = structlog.get_logger()

BATCH_ITEMS, BATCH_BYTES = 100, 16_000_000
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
            while ids := _claim(inbox_id):
                interpret(inbox_id, ids)
                total += len(ids)
    return total


def due_inboxes() -> list[int]:
    """Inboxes with something due in their ledger."""
    return list(db.session.scalars(select(Received.inbox_id).where(_due()).distinct()))


def retry(received_id: int) -> None:
    """Give a quarantined or waiting row a fresh set of tries, and commit."""
    row = db.session.get(Received, received_id, with_for_update=True)
    if row is None or row.status not in ("quarantined", "pending"):
        db.session.rollback()
        raise NotFound("There is nothing to retry under this number.")
    row.status, row.attempts, row.next_attempt_at = "pending", 0, None
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


def _claim(inbox_id: int) -> list[int]:
    """Count a try for the next batch before touching it, so that a row that kills the process is known by it.

    A row that has failed before goes alone, and the last ones of a batch wait when it grows too large.
    """
    rows = db.session.execute(
        select(Received.id, Received.size, Received.attempts)
        .where(Received.inbox_id == inbox_id, _due())
        .order_by(Received.id)
        .limit(BATCH_ITEMS)
    ).all()
    ids: list[int] = []
    size = 0
    for row in rows:
        size += row.size
        if ids and (size > BATCH_BYTES or row.attempts):
            break
        ids.append(row.id)
        if row.attempts:
            break
    db.session.execute(update(Received).where(one_of(Received.id, ids)).values(attempts=Received.attempts + 1))
    db.session.execute(
        update(Received)
        .where(one_of(Received.id, ids), Received.attempts > ATTEMPTS)
        .values(status="quarantined", error="The process died each time it read this item.")
    )
    db.session.commit()
    return ids


def interpret(inbox_id: int, ids: Sequence[int]) -> None:
    """Turn these pending rows into what they say and commit; together, or one by one when that fails."""
    try:
        _place(inbox_id, ids)
    except (OperationalError, InterfaceError):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        if len(ids) == 1:
            _note_failure(ids[0], error)
            return
        log.warning("batch_failed", inbox=inbox_id, items=len(ids), reason=type(error).__name__)
        for received_id in ids:
            interpret(inbox_id, [received_id])


def _place(inbox_id: int, ids: Sequence[int]) -> None:
    inbox = db.session.get_one(Inbox, inbox_id)
    channel = connector(inbox)
    arrivals: list[Arrival] = []
    ignored: list[int] = []
    for received_id, raw_item in _items(ids):
        items = channel.parse(raw_item)
        if not items:
            ignored.append(received_id)
        for item in items:
            if isinstance(item, IncomingMessage):
                arrivals.append(Arrival(received_id, item))
            elif isinstance(item, DeliveryUpdate):
                receipts.apply(inbox, item)
    if arrivals:
        ignored += place(inbox, side_receive.take(inbox, arrivals))
    _mark(ids, ignored)
    db.session.commit()


def _items(ids: Sequence[int]) -> list[tuple[int, RawItem]]:
    """The pending rows in their order, read in psycopg's binary form: text would be two hex digits a byte."""
    driver: Any = db.session.connection().connection.driver_connection
    rows = driver.execute(
        "select id, source_key, raw, meta from received where id = any(%s) and status = 'pending' order by id",
        (list(ids),),
        binary=True,
    )
    return [(received_id, RawItem(key, raw, meta)) for received_id, key, raw, meta in rows]


def _mark(ids: Sequence[int], ignored: Sequence[int]) -> None:
    """Mark the rows as done, those that made nothing as ignored."""
    status = case((one_of(Received.id, ignored), "ignored"), else_="done")
    pending = update(Received).where(one_of(Received.id, ids), Received.status == "pending")
    db.session.execute(pending.values(status=status, done_at=clock.now(), error=""), execution_options=_UNSEEN)


def _note_failure(received_id: int, error: Exception) -> None:
    row = db.session.get_one(Received, received_id)
    row.error = storable(f"{type(error).__name__}: {error}", 2000)
    last = row.attempts >= ATTEMPTS
    row.status = "quarantined" if last else "pending"
    row.next_attempt_at = clock.now() + FIRST_RETRY * 4 ** (row.attempts - 1)
    log.warning("item_failed", received=received_id, attempt=row.attempts, quarantined=last, reason=type(error).__name__)
    db.session.commit()
