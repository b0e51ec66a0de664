"""Which items of a source are new, and which the ledger has already under another key.

People move mail between folders and back, providers show one mail in several folders, servers renumber. Bytes tell:
every real delivery differs in its trace headers. Two items with the same bytes that lie side by side are two all the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, select, update

from channels.messages import RawItem
from helpdesk import locks
from helpdesk.extensions import db
from helpdesk.inboxes.models import Received

Known = Row[int, str, str, bytes]
Lacks = Callable[[Collection[str]], set[str]]
"""Those of some keys of a source under which its server has nothing any more."""


def lacks_nothing(_keys: Collection[str]) -> set[str]:
    """For a source whose keys never end."""
    return set()


@dataclass(slots=True)
class Sorted:
    """``fresh`` items may be new; ``copied`` ones lie in another source of the inbox too."""

    fresh: list[RawItem] = field(default_factory=list)
    copied: list[RawItem] = field(default_factory=list)


def sort(inbox_id: int, source: str, items: Sequence[RawItem], lacks: Lacks) -> Sorted:
    """Sort the items of a source within the caller's transaction.

    One that the ledger has under a key that names nothing any more was moved or renumbered: its row gets the new key,
    and each row answers for one item only.
    """
    if not items:
        return Sorted()
    locks.until_commit(locks.Lock.LEDGER, inbox_id)  # two sources may bring the same mail at the same moment
    known = _rows(inbox_id, items)
    ours = {row.source_key for row in known if row.source in ("", source)}
    return _sorted(source, items, known, lacks(ours) if ours else set())


def _sorted(source: str, items: Sequence[RawItem], known: Sequence[Known], ended: set[str]) -> Sorted:
    found = Sorted()
    keys = {row.source_key for row in known}
    renamed: dict[bytes, list[int]] = defaultdict(list)
    elsewhere: set[bytes] = set()
    for row in known:
        if row.source_key in ended:
            renamed[row.sha256].append(row.id)
        elif row.source not in ("", source):
            elsewhere.add(row.sha256)
    for item in items:
        digest = hashlib.sha256(item.raw).digest()
        if item.key not in keys and renamed[digest]:
            rename = update(Received).where(Received.id == renamed[digest].pop(0)).values(source_key=item.key)
            db.session.execute(rename, execution_options={"synchronize_session": "fetch"})
        elif item.key not in keys and digest in elsewhere:
            found.copied.append(item)
        else:
            found.fresh.append(item)
    return found


def _rows(inbox_id: int, items: Sequence[RawItem]) -> Sequence[Known]:
    """The rows that have the bytes of one of these items."""
    digests = {hashlib.sha256(item.raw).digest() for item in items}
    return db.session.execute(
        select(Received.id, Received.source, Received.source_key, Received.sha256)
        .where(Received.inbox_id == inbox_id, Received.sha256.in_(digests))
        .order_by(Received.id)
    ).all()
