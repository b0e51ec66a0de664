"""One IMAP folder as a source of mail: never lost, never doubled (RFC 3501, 2177, 4315)."""

from __future__ import annotations

import imaplib
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient import SEEN, IMAPClient

from channels.mailbox.errors import translated, words
from channels.mailbox.imap_connection import connect, drop, login, select
from channels.mailbox.imap_idle import Idle
from channels.mailbox.imap_numbering import History, Numbering, witness
from channels.mailbox.settings import Endpoint
from channels.messages import Batch, Cursor, RawItem

logger = logging.getLogger(__name__)
MAX_COUNT = 50
MAX_BYTES = 16_000_000
SIZES_AT_ONCE = 1_000
HISTORY_DAYS, HISTORY_MAILS = 30, 1_000
"""A folder that holds more mails older than this when it is first seen has a history: no new mail waits behind it."""
WITNESS = ["INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
FETCHED = ["BODY.PEEK[]", "RFC822.SIZE", "INTERNALDATE"]


class Folder:
    """An open, selected folder.

    Cursor: ``uidvalidity``, ``uid``; ``epoch`` once UIDs went back; ``witness`` of that mail;
    ``history`` that is left to ``fetch_keys``. State is the cursor alone: ``\\Seen`` is only set for people who look
    into the mailbox by other means.
    """

    def __init__(self, endpoint: Endpoint, folder: str, *, sent: bool = False) -> None:
        """``sent``: what lies there was written by the mailbox's owner; what lay there before is none of our business."""
        self._endpoint, self._sent = endpoint, sent
        self._client: IMAPClient = connect(endpoint)
        try:
            login(self._client, endpoint)
            answer = select(self._client, endpoint, folder)
            self._numbering = Numbering(folder, int(str(answer.get(b"UIDVALIDITY", 0))))
            self._next = int(str(answer.get(b"UIDNEXT", 0)))
            self._looked_back = False
            self._history: History | None = None
            with translated(endpoint):
                self._idle = Idle(self._client)
        except BaseException:
            self.close()
            raise

    def fetch(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Everything after the cursor; after a renumbering everything."""
        with translated(self._endpoint):
            self._idle.refresh()
            anew = self._follow(cursor)
            last = 0 if anew else int((cursor or {})["uid"])
            uids = self._uids_after(last)
            if cursor is None:
                last = self._leave_history(uids)
                uids = [uid for uid in uids if uid > last]
            if anew:
                yield Batch((), self._cursor(last))
            for chunk in self._chunks(uids):
                items = self._items(chunk)
                at_end = items[-1] if items and self._uid(items[-1].key) == chunk[-1] else None
                yield Batch(items, self._cursor(chunk[-1], witness(at_end.raw, at_end.meta["arrived"]) if at_end else ""))

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

    def inventory(self, cursor: Cursor | None) -> Iterator[str]:
        """The key of every mail in the folder now."""
        with translated(self._endpoint):
            self._idle.refresh()
            self._follow(cursor)
            uids = self._uids_after(0)
            if cursor is None:
                self._leave_history(uids)
            foreign = self._history.until if self._sent and self._history else None
            yield from (self._numbering.key(uid) for uid in uids if foreign is None or uid > foreign)

    def fetch_keys(self, keys: Sequence[str]) -> Iterator[RawItem]:
        """Those of the named mails that are still there under the present numbering."""
        uids = sorted(uid for key in keys if (uid := self._uid(key)) is not None)
        with translated(self._endpoint):
            self._idle.end()
            for chunk in self._chunks(uids):
                yield from self._items(chunk)

    def lacks(self, keys: Collection[str]) -> set[str]:
        """Those of the keys that name nothing any more: another numbering's, and what was moved or deleted."""
        uids = {uid: key for key in keys if (uid := self._uid(key)) is not None}
        with translated(self._endpoint):
            self._idle.end()
            there = self._client.search(["UID", ",".join(map(str, uids))]) if uids else ()
        return set(keys) - {uids[uid] for uid in there if uid in uids}

    def close(self) -> None:
        """Take leave; a line that is dead already is simply dropped."""
        with suppress(OSError, imaplib.IMAP4.error, AttributeError):
            self._idle.end()
            self._client.logout()
        drop(self._client)

    def _uids_after(self, last: int) -> list[int]:
        """``n:*`` always matches the newest mail, even when it is older than n: hence the filter."""
        return sorted(uid for uid in self._client.search(["UID", f"{last + 1}:*"]) if uid > last)

    def _chunks(self, uids: list[int]) -> Iterator[list[int]]:
        """Runs of at most 50 mails and 16 MB, a larger mail alone."""
        chunk: list[int] = []
        total = 0
        for uid, size in self._sizes(uids):
            if chunk and (len(chunk) >= MAX_COUNT or total + size > MAX_BYTES):
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

    def _follow(self, cursor: Cursor | None) -> bool:
        """Go on with the cursor's numbering; True when everything must be read anew, as there is none or it is past."""
        if cursor is None:
            return True
        past = not self._numbering.is_of(cursor)
        epoch = 0 if past else int(cursor.get("epoch", 0))
        if not past and not self._looked_back and self._went_back(cursor):
            past, epoch = True, epoch + 1
        self._looked_back = True
        self._numbering = replace(self._numbering, epoch=epoch)
        self._history = History.of(cursor, past)
        return past

    def _went_back(self, cursor: Cursor) -> bool:
        """Whether UIDs that we have read are to be given again, or were: the last one then names another mail."""
        uid = int(cursor["uid"])
        if self._next and uid >= self._next:
            return True
        found = self._client.fetch([uid], WITNESS).get(uid) if cursor.get("witness") else None
        if not found:
            return False
        fields = next((value for name, value in found.items() if name.startswith(b"BODY[HEADER")), None) or b""
        return witness(fields, _arrived(found)) != str(cursor["witness"])

    def _leave_history(self, uids: list[int]) -> int:
        """The UID after which reading begins in a folder seen for the first time: after its history, if that is long.

        All of a folder of sent mail is history.
        """
        if self._sent:
            self._history = History(datetime.now(UTC), uids[-1] if uids else 0)
            return uids[-1] if uids else 0
        before = datetime.now(UTC) - timedelta(days=HISTORY_DAYS)
        recent = self._client.search(["SINCE", before.date()]) if len(uids) > HISTORY_MAILS else []
        until = min(recent, default=uids[-1] + 1) - 1 if len(uids) > HISTORY_MAILS else 0
        if sum(uid <= until for uid in uids) <= HISTORY_MAILS:
            return 0
        self._history = History(before + timedelta(days=1), until)
        return until

    def _items(self, uids: list[int]) -> list[RawItem]:
        """The mails of these uids; one that vanished since the search is simply not there.

        For such a mail some servers answer NIL until they have announced that it is gone (RFC 2180 §4.1.3). One that
        the server has but does not give up alone either is left to the next comparison: it must not block the rest.
        """
        answer = self._asked(uids)
        if missing := [uid for uid in uids if answer.get(uid, {}).get(b"BODY[]") is None]:
            self._client.noop()
            still = set(self._client.search(["UID", ",".join(map(str, missing))]))
            for uid in missing:
                answer[uid] = self._asked([uid]).get(uid, {}) if uid in still else {}
                if uid in still and answer[uid].get(b"BODY[]") is None:
                    logger.warning("the server lists mail %s and does not give it", uid)
        return [self._item(uid, answer[uid]) for uid in uids if answer.get(uid, {}).get(b"BODY[]") is not None]

    def _asked(self, uids: list[int]) -> dict[int, dict[bytes, Any]]:
        """What the server gives for these uids; nothing when it refuses (NO, BAD)."""
        try:
            return dict(self._client.fetch(uids, FETCHED))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            logger.warning("the server refused to give %s mails: %s", len(uids), words(error, self._endpoint.password))
            return {}

    def _item(self, uid: int, answer: dict[bytes, Any]) -> RawItem:
        arrived = _arrived(answer)
        meta = {"size": answer.get(b"RFC822.SIZE", 0), "arrived": arrived} | ({"sent": True} if self._sent else {})
        old = self._history is not None and arrived is not None and self._history.has(uid, arrived)
        return RawItem(self._numbering.key(uid), answer[b"BODY[]"], meta, history=old)

    def _cursor(self, uid: int, witnessed: str = "") -> Cursor:
        cursor: Cursor = {"uidvalidity": self._numbering.validity, "uid": uid}
        return cursor | {
            name: value
            for name, value in (
                ("epoch", self._numbering.epoch),
                ("witness", witnessed),
                ("history", self._history.as_json() if self._history else None),
            )
            if value
        }

    def _uid(self, key: str) -> int | None:
        return self._numbering.uid(key)


def _arrived(answer: Mapping[bytes, Any]) -> str | None:
    moment = answer.get(b"INTERNALDATE")
    return str(moment.astimezone().isoformat()) if moment else None
