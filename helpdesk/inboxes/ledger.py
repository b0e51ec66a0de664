"""The ledger: raw items are stored with their cursor in one transaction, before anybody is told that they arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from channels.messages import Batch, Cursor, RawItem
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.inboxes import copies
from helpdesk.inboxes.copies import Lacks, lacks_nothing
from helpdesk.inboxes.models import Inbox, InboxCursor, Received
from helpdesk.queue import enqueue_after_commit


def store(inbox: Inbox, source: str, batch: Batch, lacks: Lacks = lacks_nothing) -> int:
    """Commit a batch and its cursor; returns how many items were new. Raises when the database refuses: tell nobody then."""
    stored = keep(inbox, source, batch.items, lacks)
    _advance(inbox.id, source, batch.cursor)
    db.session.commit()
    return stored


def keep(inbox: Inbox, source: str, items: Sequence[RawItem], lacks: Lacks) -> int:
    """Add what a source holds within the caller's transaction; returns how many items the ledger did not have.

    The UNIQUE (inbox, source key) decides what is new; what was only moved, copied or renamed is not (copies.sort).
    """
    found = copies.sort(inbox.id, source, items, lacks)
    history = [item for item in found.fresh if item.history]
    fresh = [item for item in found.fresh if not item.history]
    left_alone = _insert(inbox.id, found.copied, source, status="ignored", reason="copy")
    left_alone += _insert(inbox.id, history, source, status="ignored", reason="history")
    return left_alone + add(inbox, fresh, source)


def add(inbox: Inbox, items: Sequence[RawItem], source: str = "") -> int:
    """Add items to be interpreted, within the caller's transaction; returns how many were new."""
    stored = _insert(inbox.id, items, source)
    if stored:
        inbox.last_in_at = clock.now()
        enqueue_after_commit("helpdesk.jobs.receive", inbox.id, queue="receive")
    return stored


def _insert(inbox_id: int, items: Sequence[RawItem], source: str, **values: str) -> int:
    if not items:
        return 0
    rows = [_row(inbox_id, item) | {"source": source} | values for item in items]
    statement = insert(Received).on_conflict_do_nothing(index_elements=["inbox_id", "source_key"])
    return len(db.session.scalars(statement.returning(Received.id), rows).all())


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


def _advance(inbox_id: int, source: str, cursor: Cursor) -> None:
    statement = insert(InboxCursor).values(inbox_id=inbox_id, source=source, cursor=cursor)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["inbox_id", "source"],
            set_={"cursor": statement.excluded.cursor, "updated_at": func.now()},
        )
    )
