"""Comparing the ledger with what a server holds now, and fetching what is missing: by hand, and every night."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from channels.base import Source
from channels.failures import TemporaryFailure
from channels.messages import RawItem
from helpdesk import clock, locks
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.queries import connector, listening

log = structlog.get_logger()

AT_ONCE, BATCH_BYTES = 50, 16_000_000
KEYS_AT_ONCE = 1000
NIGHT_BEGINS, NIGHT_MINUTES = timedelta(hours=1), 240
"""Of the machine's own clock: each inbox has its minute in the night, so that not all ask at once."""
RUN_SECONDS = 600
"""How long one inbox is compared at a time; what is left goes on when the others had their turn."""
LOOK_SECONDS = 60.0


@dataclass(slots=True)
class Comparison:
    """How many items the server holds, how many of them the ledger had, lacked, and has got now.

    ``sources``: how many places it has. ``problems``: source → code and words of what could not be compared.
    ``finished``: False when time ran out.
    """

    server: int = 0
    stored: int = 0
    missing: int = 0
    fetched: int = 0
    sources: int = 0
    problems: dict[str, dict[str, str]] = field(default_factory=dict)
    finished: bool = True


def reconcile(inbox: Inbox, enough: Callable[[], bool] = lambda: False) -> Comparison:
    """Compare every source of the inbox, fetch what is missing, and keep what was found; each batch is committed.

    An item whose bytes the ledger has under another key counts as stored. A source that fails does not stop the others.
    ``enough`` is asked after each batch whether to leave the rest for the next time.
    """
    found = Comparison()
    inbox_id, channel = inbox.id, connector(inbox)
    db.session.rollback()
    found.sources = len(channel.sources())
    for name in channel.sources():
        cursor = ledger.cursor(inbox_id, name)  # before the server is asked: it must not be ahead of the answer
        db.session.rollback()
        try:
            with closing(channel.open(name)) as source:
                _Comparing(inbox_id, name, source, found, enough).run(list(source.inventory(cursor)))
        except TemporaryFailure as failure:
            db.session.rollback()
            found.problems[name] = {"code": failure.code, "detail": failure.detail}
    inbox = db.session.get_one(Inbox, inbox_id)
    inbox.compared_at, inbox.comparison = clock.now(), asdict(found)
    db.session.commit()
    return found


def keep_comparing(app: Flask, stop: threading.Event) -> None:
    """Compare what is due until told to stop, beside the listeners: a slow server then holds up no job."""
    while not stop.wait(LOOK_SECONDS):
        try:
            with app.app_context():
                compare_due(stop)
        except DBAPIError as error:
            log.warning("comparison_without_database", reason=type(error).__name__)


def compare_due(stop: threading.Event) -> None:
    """Compare every inbox whose minute of the night has come, or whose last comparison is not finished."""
    for inbox_id in [inbox.id for inbox in listening() if is_due(inbox, clock.now())]:
        db.session.rollback()
        with locks.lease(locks.Lock.RECONCILE, inbox_id) as ours:
            inbox = db.session.get(Inbox, inbox_id, populate_existing=True)
            if ours and inbox and is_due(inbox, clock.now()):
                found = reconcile(inbox, partial(_enough, stop, time.monotonic() + RUN_SECONDS))
                log.info("reconciled", inbox=inbox_id, **_figures(found))


def _enough(stop: threading.Event, end: float) -> bool:
    return stop.is_set() or time.monotonic() > end


def is_due(inbox: Inbox, now: datetime) -> bool:
    """Whether the inbox is to be compared: its last minute of the night has passed without.

    While its server is away that waits for its return; a single missing folder keeps nobody waiting.
    """
    if inbox.receive_state == "failing" and inbox.receive_code != "folder":
        return False
    if inbox.compared_at is None:
        return _last_night(inbox.id, now) > inbox.created_at
    unfinished = inbox.comparison is not None and not inbox.comparison["finished"]
    return unfinished or inbox.compared_at < _last_night(inbox.id, now)


def _last_night(inbox_id: int, now: datetime) -> datetime:
    local = now.astimezone()
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + NIGHT_BEGINS + timedelta(minutes=inbox_id * 37 % NIGHT_MINUTES)
    return at if at <= local else at - timedelta(days=1)


def _figures(found: Comparison) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if name != "problems"}


class _Comparing:
    """The comparison of one source; ``found`` counts for all of an inbox."""

    def __init__(self, inbox_id: int, name: str, source: Source, found: Comparison, enough: Callable[[], bool]) -> None:
        self._inbox_id, self._name, self._source, self._found, self._enough = inbox_id, name, source, found, enough

    def run(self, keys: Sequence[str]) -> None:
        lacking = [key for some in _slices(keys, KEYS_AT_ONCE) for key in self._unknown(some)]
        fetched = known = 0
        for items in _batches(self._source.fetch_keys(lacking)):
            fetched_now = ledger.keep(db.session.get_one(Inbox, self._inbox_id), self._name, items, self._source.lacks)
            db.session.commit()
            fetched += fetched_now
            known += len(items) - fetched_now
            if self._enough():
                self._found.finished = False
                break
        self._found.server += len(keys)
        self._found.stored += len(keys) - len(lacking) + known
        self._found.missing += len(lacking) - known
        self._found.fetched += fetched

    def _unknown(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that the ledger does not have, in their order."""
        rows = db.session.scalars(
            select(Received.source_key).where(Received.inbox_id == self._inbox_id, Received.source_key.in_(keys))
        )
        known = set(rows)
        db.session.rollback()
        return [key for key in keys if key not in known]


def _batches(items: Iterable[RawItem]) -> Iterator[list[RawItem]]:
    """Items in batches small enough to hold in memory and to commit at once."""
    batch: list[RawItem] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.raw)
        if len(batch) >= AT_ONCE or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _slices(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
