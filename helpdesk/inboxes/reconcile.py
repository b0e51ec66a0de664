"""Comparing the ledger with what a server holds now, and fetching what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select

from channels.base import RawItem, Source
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.queries import connector

AT_ONCE, BATCH_BYTES = 50, 16_000_000
KEYS_AT_ONCE = 1000


@dataclass(slots=True)
class Comparison:
    """How many items the server holds, how many of them the ledger had, lacked, and has got now."""

    server: int = 0
    stored: int = 0
    missing: int = 0
    fetched: int = 0


def reconcile(inbox: Inbox) -> Comparison:
    """Compare every source of the inbox and fetch what is missing; each batch is committed. Raises TemporaryFailure.

    After the server's keys were reset, an item whose bytes the ledger has under an older key counts as stored.
    """
    found = Comparison()
    inbox_id, channel = inbox.id, connector(inbox)
    db.session.rollback()
    for name in channel.sources():
        with closing(channel.open(name)) as source:
            _compare(inbox_id, source, found)
    return found


def _compare(inbox_id: int, source: Source, found: Comparison) -> None:
    keys = list(source.inventory())
    lacking = [key for some in _slices(keys, KEYS_AT_ONCE) for key in _unknown(inbox_id, some)]
    found.server += len(keys)
    recognised = 0
    for items in _batches(source.fetch_keys(lacking)):
        inbox = db.session.get_one(Inbox, inbox_id)
        fresh = ledger.unknown_content(inbox_id, items)
        found.fetched += ledger.add(inbox, fresh)
        db.session.commit()
        recognised += len(items) - len(fresh)
    found.missing += len(lacking) - recognised
    found.stored += len(keys) - len(lacking) + recognised


def _unknown(inbox_id: int, keys: Sequence[str]) -> list[str]:
    """Those of the keys that the ledger does not have, in their order."""
    rows = db.session.scalars(
        select(Received.source_key).where(Received.inbox_id == inbox_id, Received.source_key.in_(keys))
    )
    known = set(rows)
    db.session.rollback()
    return [key for key in keys if key not in known]


def _batches(items: Iterable[RawItem]) -> Iterator[list[RawItem]]:
    """Items in batches small enough to hold in memory and to commit at once."""
    batch: list[RawItem] = []
    for item in items:
        batch.append(item)
        if len(batch) >= AT_ONCE or sum(len(one.raw) for one in batch) >= BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _slices(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
