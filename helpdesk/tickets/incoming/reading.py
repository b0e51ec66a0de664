"""Reading raw items: their channel parses them in a child process, each within its limits, ahead or while somebody waits."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from flask_babel import gettext as _

from channels.messages import DeliveryUpdate, IncomingMessage, RawItem
from helpdesk import settings
from helpdesk.contained import Answer, Contained, Died, Limits, TooCostly, glance
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import connector

FEW, SMALL = 5, 65_536
_ROOM = threading.BoundedSemaphore(2)
"""So many are read at the same time for people who wait: a page that asks for many must not take the whole machine."""
Parse = Callable[[RawItem], Sequence[IncomingMessage | DeliveryUpdate]]


@dataclass(frozen=True, slots=True)
class Result:
    """What one row says, or why that could not be found out."""

    received_id: int
    items: Sequence[IncomingMessage | DeliveryUpdate] = ()
    error: Exception | None = None


class _Row(NamedTuple):
    id: int
    attempts: int
    item: RawItem


class Reading:
    """The pending ones of some rows, in their order, being read from now on by a child of this process."""

    def __init__(self, inbox_id: int, ids: Sequence[int]) -> None:
        parse = connector(db.session.get_one(Inbox, inbox_id)).parse
        rows, limits = _rows(ids), _limits()
        self.last = max(ids)
        self._ids = [row.id for row in rows]
        self._answers = _glance(parse, rows, limits)
        self._contained = Contained(parse, [row.item for row in rows[len(self._answers) :]], limits)

    def results(self) -> list[Result]:
        """Wait for the child; one result for each row that is still pending."""
        answers = zip(self._ids, chain(self._answers, self._contained.answers()), strict=True)
        return [
            Result(received_id, error=answer) if isinstance(answer, Exception) else Result(received_id, answer)
            for received_id, answer in answers
        ]

    def close(self) -> None:
        """End the child, if it still works."""
        self._contained.close()


def read_now(inbox: Inbox, item: RawItem) -> Sequence[IncomingMessage | DeliveryUpdate]:
    """What one item says, for somebody who waits. Raises Invalid when that costs more than an item may.

    Hold no transaction meanwhile: it may take seconds, of which this process sees none.
    """
    parse = connector(inbox).parse
    with _ROOM, closing(Contained(parse, [item], _limits())) as contained:
        answer: Answer = next(contained.answers())
    if isinstance(answer, Exception):
        raise Invalid(_("Reading this would take more time or memory than one message may. Save the original instead."))
    items: Sequence[IncomingMessage | DeliveryUpdate] = answer
    return items


def _limits() -> Limits:
    now = settings.current()
    return Limits(now.item_seconds, now.item_megabytes * 1_000_000)


def _glance(parse: Parse, rows: Sequence[_Row], limits: Limits) -> list[Answer]:
    """The first of a few small rows that prove cheap: a mail is on the screen sooner without a fork.

    A row that had a try before may have ended the process that tried.
    """
    answers: list[Answer] = []
    few = len(rows) <= FEW and sum(len(row.item.raw) for row in rows) <= SMALL and all(row.attempts <= 1 for row in rows)
    for row in rows if few else ():
        if (answer := glance(parse, row.item, limits)) is None:
            break
        answers.append(answer)
    return answers


def reason_of(error: Exception) -> str:
    """Why a row could not be interpreted, as Received.reason has it; ``failed`` is worth another try."""
    if isinstance(error, TooCostly):
        return error.what
    if isinstance(error, Died) and error.signal not in (None, signal.SIGKILL):
        return "crash"
    return "failed"


def _rows(ids: Sequence[int]) -> list[_Row]:
    """The pending rows in their order, read in psycopg's binary form: text would be two hex digits a byte."""
    driver: Any = db.session.connection().connection.driver_connection
    found = driver.execute(
        "select id, attempts, source_key, raw, meta from received where id = any(%s) and status = 'pending' order by id",
        (list(ids),),
        binary=True,
    )
    return [_Row(number, attempts, RawItem(key, raw, meta)) for number, attempts, key, raw, meta in found]
