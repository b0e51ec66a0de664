"""One IMAP folder as a source of mail: never lost, never doubled (RFC 3501, 2177, 4315)."""

from __future__ import annotations

import imaplib
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from imapclient import SEEN, IMAPClient

from channels.base import Batch, Cursor, RawItem
from channels.imap_connection import connect, drop, login, select
from channels.imap_idle import Idle
from channels.mail_errors import translated, words
from channels.mail_settings import Endpoint

logger = logging.getLogger(__name__)
MAX_COUNT = 50
MAX_BYTES = 16_000_000
SIZES_AT_ONCE = 1_000
FETCHED = ["BODY.PEEK[]", "RFC822.SIZE", "INTERNALDATE"]


class Folder:
    """An open, selected folder. Cursor: ``{"uidvalidity", "uid"}``, and ``compare_until`` after a renumbering.

    State is the cursor alone; ``\\Seen`` is only set for people who look into the mailbox by other means.
    """

    def __init__(self, endpoint: Endpoint, folder: str) -> None:
        self._endpoint, self._folder = endpoint, folder
        self._client: IMAPClient = connect(endpoint)
        try:
            login(self._client, endpoint)
            answer = select(self._client, endpoint, folder)
            self._validity = int(str(answer.get(b"UIDVALIDITY", 0)))
            with translated(endpoint):
                self._idle = Idle(self._client)
        except BaseException:
            self.close()
            raise

    def fetch(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Everything after the cursor; after a change of UIDVALIDITY everything, to be compared by content."""
        with translated(self._endpoint):
            self._idle.refresh()
            renumbered = cursor is not None and cursor.get("uidvalidity") != self._validity
            last = 0 if cursor is None or renumbered else int(cursor["uid"])
            uids = self._uids_after(last)
            until = (uids[-1] if uids else 0) if renumbered else int((cursor or {}).get("compare_until", 0))
            if cursor is None or renumbered:
                yield Batch((), self._cursor(last, until))
            for chunk in self._chunks(uids, until):
                items = self._items(chunk)
                yield Batch(items, self._cursor(chunk[-1], until), compare_content=chunk[0] <= until)

    def acknowledge(self, batch: Batch) -> None:
        """Flag the batch as seen; a server that does not let us is no reason to stop."""
        uids = [uid for item in batch.items if (uid := self._uid(item.key)) is not None]
        try:
            self._idle.end()
            self._client.add_flags(uids, [SEEN], silent=True)
        except (OSError, imaplib.IMAP4.error) as error:
            logger.info("mail could not be flagged as seen: %s", words(error, self._endpoint.password))

    def wait(self, seconds: float) -> bool:
        """True as soon as new mail is announced, False after ``seconds``; IDLE goes on between calls."""
        with translated(self._endpoint, "unreachable"):
            return self._idle.wait(seconds)

    def inventory(self) -> Iterator[str]:
        """The key of every mail in the folder now."""
        with translated(self._endpoint):
            self._idle.refresh()
            for uid in self._uids_after(0):
                yield self._key(uid)

    def fetch_keys(self, keys: Sequence[str]) -> Iterator[RawItem]:
        """Those of the named mails that are still there under the present numbering."""
        uids = sorted(uid for key in keys if (uid := self._uid(key)) is not None)
        with translated(self._endpoint):
            self._idle.end()
            for chunk in self._chunks(uids, 0):
                yield from self._items(chunk)

    def close(self) -> None:
        """Take leave; a line that is dead already is simply dropped."""
        with suppress(OSError, imaplib.IMAP4.error, AttributeError):
            self._idle.end()
            self._client.logout()
        drop(self._client)

    def _uids_after(self, last: int) -> list[int]:
        """``n:*`` always matches the newest mail, even when it is older than n: hence the filter."""
        return sorted(uid for uid in self._client.search(["UID", f"{last + 1}:*"]) if uid > last)

    def _chunks(self, uids: list[int], until: int) -> Iterator[list[int]]:
        """Runs of at most 50 mails and 16 MB, a larger mail alone; none crosses ``until``."""
        chunk: list[int] = []
        total = 0
        for uid, size in self._sizes(uids):
            full = len(chunk) >= MAX_COUNT or total + size > MAX_BYTES
            if chunk and (full or chunk[-1] <= until < uid):
                yield chunk
                chunk, total = [], 0
            chunk.append(uid)
            total += size
        if chunk:
            yield chunk

    def _sizes(self, uids: list[int]) -> Iterator[tuple[int, int]]:
        if len(uids) == 1:  # travels alone anyway: one round trip less on the way to the screen
            yield uids[0], 0
            return
        for start in range(0, len(uids), SIZES_AT_ONCE):
            some = uids[start : start + SIZES_AT_ONCE]
            answer = self._client.fetch(some, ["RFC822.SIZE"])
            for uid in some:
                yield uid, int(answer.get(uid, {}).get(b"RFC822.SIZE", 0))

    def _items(self, uids: list[int]) -> list[RawItem]:
        """The mails of these uids; one that vanished since the search is simply not there.

        For such a mail some servers answer NIL until they have announced that it is gone (RFC 2180 §4.1.3).
        """
        answer = self._client.fetch(uids, FETCHED)
        if unclear := [uid for uid in uids if uid in answer and answer[uid].get(b"BODY[]") is None]:
            self._client.noop()
            answer = {
                **{uid: answer[uid] for uid in answer if uid not in unclear},
                **self._client.fetch(unclear, FETCHED),
            }
        return [self._item(uid, answer[uid]) for uid in uids if b"BODY[]" in answer.get(uid, {})]

    def _item(self, uid: int, answer: dict[bytes, Any]) -> RawItem:
        arrived = answer.get(b"INTERNALDATE")
        meta = {"size": answer.get(b"RFC822.SIZE", 0), "arrived": arrived.astimezone().isoformat() if arrived else None}
        return RawItem(self._key(uid), answer[b"BODY[]"] or b"", meta)

    def _cursor(self, uid: int, until: int) -> Cursor:
        cursor = {"uidvalidity": self._validity, "uid": uid}
        return {**cursor, "compare_until": until} if uid < until else cursor

    def _key(self, uid: int) -> str:
        prefix = "" if self._folder.upper() == "INBOX" else f"{self._folder}:"
        return f"{prefix}{self._validity}:{uid}"

    def _uid(self, key: str) -> int | None:
        head, _colon, uid = key.rpartition(":")
        return int(uid) if uid.isdigit() and f"{head}:" == self._key(0)[:-1] else None
