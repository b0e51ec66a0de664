"""How the mails of an IMAP folder are named, and how it is noticed that a server names them anew (RFC 3501 §2.3.1.1).

A server that renumbers changes UIDVALIDITY. One that was restored from a backup often does not: its UIDs go back and
are given to other mails. Such a return begins a new epoch of our own, so that a key never means two mails.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.messages import Cursor

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S*)", re.IGNORECASE | re.MULTILINE)


def witness(header: bytes, arrived: str | None) -> str:
    """What tells a mail from another that got its UID: some servers write the same mail with other bytes each time."""
    found = MESSAGE_ID.search(header.partition(b"\r\n\r\n")[0])
    return hashlib.sha256((found[1] if found else b"") + b" " + (arrived or "").encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Numbering:
    """One numbering of one folder; ``epoch`` counts how often the server went back under the same UIDVALIDITY."""

    folder: str
    validity: int
    epoch: int = 0

    def key(self, uid: int) -> str:
        """The key of a mail in the ledger."""
        prefix = "" if self.folder.upper() == "INBOX" else f"{self.folder}:"
        return f"{prefix}{self.validity}{f'.{self.epoch}' if self.epoch else ''}:{uid}"

    def uid(self, key: str) -> int | None:
        """The UID in a key of this numbering, None for any other."""
        head, _colon, uid = key.rpartition(":")
        return int(uid) if uid.isdigit() and f"{head}:" == self.key(0)[:-1] else None

    def is_of(self, cursor: Cursor) -> bool:
        """Whether the cursor was written under this UIDVALIDITY."""
        return bool(cursor.get("uidvalidity") == self.validity)


@dataclass(frozen=True, slots=True)
class History:
    """Mail that was there long before we came: what arrived ``before``, up to ``until`` (None: under any UID)."""

    before: datetime
    until: int | None

    @classmethod
    def of(cls, cursor: Cursor, renumbered: bool) -> History | None:
        """The history that a cursor remembers; after a renumbering it is known by its dates alone."""
        kept: dict[str, Any] | None = cursor.get("history")
        return cls(datetime.fromisoformat(kept["before"]), None if renumbered else kept["until"]) if kept else None

    def has(self, uid: int, arrived: str) -> bool:
        """Whether the mail belongs to it; ``arrived`` as ISO 8601."""
        return datetime.fromisoformat(arrived) < self.before and (self.until is None or uid <= self.until)

    def as_json(self) -> dict[str, Any]:
        """As a cursor keeps it."""
        return {"before": self.before.isoformat(), "until": self.until}
