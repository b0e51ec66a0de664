"""The ledger: raw items are stored with their cursor in one transaction, before anybody is told that they arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from channels.base import Batch, Cursor, RawItem
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox, InboxCursor, Received
from helpdesk.queue import enqueue_after_commit


def store(inbox: Inbox, source: str, batch: Batch) -> int:
    """Commit a batch and its cursor; returns how many items were new. Raises when the database refuses: tell nobody then.

    The UNIQUE (inbox, source key) decides what is new. After the server's keys were reset, items whose bytes the
    ledger already has are not new either, each copy matching one.
    """
    items = unknown_content(inbox.id, batch.items) if batch.compare_content else batch.items
    stored = add(inbox, items)
    _advance(inbox.id, source, batch.cursor)
    db.session.commit()
    return stored


def add(inbox: Inbox, items: Sequence[RawItem]) -> int:
    """Add items to the ledger within the caller's transaction; returns how many were new."""
    if not items:
        return 0
    rows = [_row(inbox.id, item) for item in items]
    statement = insert(Received).on_conflict_do_nothing(index_elements=["inbox_id", "source_key"])
    stored = len(db.session.scalars(statement.returning(Received.id), rows).all())
    if stored:
        inbox.last_in_at = clock.now()
        enqueue_after_commit("helpdesk.jobs.receive", inbox.id, queue="receive")
    return stored


def cursor(inbox_id: int, source: str) -> Cursor | None:
    """Where this source was read up to; None when never."""
    row = db.session.get(InboxCursor, (inbox_id, source), populate_existing=True)
    return row.cursor if row else None


def _row(inbox_id: int, item: RawItem) -> dict[str, Any]:
    return {
        "inbox_id": inbox_id,
        "source_key": item.key,
        "sha256": hashlib.sha256(item.raw).digest(),
        "size": len(item.raw),
        "raw": item.raw,
        "meta": dict(item.meta),
    }


def unknown_content(inbox_id: int, items: Sequence[RawItem]) -> list[RawItem]:
    """Leave out items already in the ledger under an older key, and give those their new key.

    Two mails with the same bytes are two mails: each known row answers for one item only.
    """
    fresh: list[RawItem] = []
    for item in items:
        known = _older_copy(inbox_id, item)
        if known is None or _is_stored(inbox_id, item.key):
            fresh.append(item)
            continue
        known.source_key = item.key
        db.session.flush()
    return fresh


def _older_copy(inbox_id: int, item: RawItem) -> Received | None:
    """A row with these bytes whose key is not of the item's own numbering."""
    return db.session.scalar(
        select(Received)
        .where(
            Received.inbox_id == inbox_id,
            Received.sha256 == hashlib.sha256(item.raw).digest(),
            ~Received.source_key.startswith(_generation(item.key) + ":", autoescape=True),
        )
        .order_by(Received.id)
        .limit(1)
    )


def _is_stored(inbox_id: int, key: str) -> bool:
    return bool(db.session.scalar(select(exists().where(Received.inbox_id == inbox_id, Received.source_key == key))))


def _generation(key: str) -> str:
    """What all keys of one numbering share: everything before the last colon."""
    return key.rpartition(":")[0]


def _advance(inbox_id: int, source: str, cursor: Cursor) -> None:
    statement = insert(InboxCursor).values(inbox_id=inbox_id, source=source, cursor=cursor)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["inbox_id", "source"],
            set_={"cursor": statement.excluded.cursor, "updated_at": func.now()},
        )
    )
