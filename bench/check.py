"""Whether a corpus became exactly the tickets that it must become. A benchmark of wrong results is worth nothing."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text

from bench.corpus import Mail

GENERATION = 1


def totals() -> dict[str, int]:
    """How many rows the tables of the path have."""
    from helpdesk.extensions import db

    tables = ("tickets", "messages", "entries", "received")
    return {table: db.session.scalar(text(f"select count(*) from {table}")) or 0 for table in tables}


def everything(corpus: Sequence[Mail], before: dict[str, int]) -> None:
    """Raise AssertionError unless no mail is lost or doubled, replies are on their tickets, and bytes are kept."""
    added = {table: count - before[table] for table, count in totals().items()}
    conversations = len({mail.conversation for mail in corpus})
    assert added["received"] == added["messages"] == len(corpus), f"lost or doubled: {added} of {len(corpus)}"
    assert added["tickets"] == conversations, f"{added['tickets']} tickets for {conversations} conversations"
    rows = _rows()
    tickets: dict[int, set[int]] = defaultdict(set)
    for number, mail in enumerate(corpus, 1):
        row = rows[f"{GENERATION}:{number}"]
        assert row.sha256 == mail.sha256 and hashlib.sha256(row.raw).digest() == mail.sha256, f"bytes of mail {number}"
        assert row.entries == 1, f"{row.entries} entries for mail {number}"
        tickets[mail.conversation].add(row.ticket_id)
        if not mail.dirty:
            assert tuple(row.attachments) == mail.attachments, f"attachments of mail {number}"
    wrong = [number for number, found in tickets.items() if len(found) != 1]
    assert not wrong, f"conversations on several tickets: {wrong[:5]}"


def _rows() -> dict[str, Any]:
    from helpdesk.extensions import db
    from helpdesk.inboxes.models import Received
    from helpdesk.tickets.models import Attachment, Entry, Message

    entries = select(func.count()).where(Entry.message_id == Message.id).scalar_subquery()
    hashes = (
        select(func.coalesce(func.array_agg(text("sha256 order by position")), text("'{}'::bytea[]")))
        .where(Attachment.message_id == Message.id)
        .scalar_subquery()
    )
    statement = select(
        Received.source_key, Received.sha256, Received.raw, Message.ticket_id,
        entries.label("entries"), hashes.label("attachments"),
    ).join(Message, Message.received_id == Received.id)  # fmt: skip
    statement = statement.where(Received.source_key.startswith(f"{GENERATION}:"))
    return {row.source_key: row for row in db.session.execute(statement)}
