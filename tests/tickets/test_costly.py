"""What one item may cost: whatever it does, it is quarantined with its reason and its neighbours become tickets."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import signal
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from channels.mail import EmailChannel
from channels.messages import Batch, IncomingMessage, RawItem
from channels.mime.message import read_mail
from helpdesk import contained
from helpdesk.contained import Contained, Died, Failed, Limits, TooCostly
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Received
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Ticket
from tests.cast import Cast, mail


def parse(_channel: EmailChannel, item: RawItem) -> Sequence[IncomingMessage]:
    """The real reader, and what it would do if a mail found a hole in it."""
    message = read_mail(item.raw)
    match message.subject:
        case "backtracking":
            re.match(r"(a+)+$", "a" * 40 + "b")
        case "swallowing":
            while True:
                try:
                    re.match(r"(a+)+$", "a" * 40 + "b")
                except Exception:
                    continue
        case "memory":
            bytearray(300_000_000)
        case "crash":
            faulthandler.disable()  # in the child
            ctypes.string_at(0)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
    return [message]


@pytest.fixture
def hostile(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(EmailChannel, "parse", parse)
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], item_seconds=1))
    return cast


def rows() -> dict[str, Received]:
    return {subject.decode(): row for row in db.session.scalars(select(Received)) for subject in _subject(row)}


def _subject(row: Received) -> list[bytes]:
    return re.findall(rb"^Subject: (\S+)", row.raw, re.MULTILINE)


@pytest.mark.parametrize("neighbours", [1, 10], ids=["a few", "many"])
@pytest.mark.parametrize("kind, reason", [("backtracking", "time"), ("swallowing", "time"), ("memory", "memory")])
def test_a_costly_item_is_quarantined_at_once_and_the_next_goes_on(
    hostile: Cast, kind: str, reason: str, neighbours: int
) -> None:
    others = [mail(subject=f"{number}") for number in range(neighbours)]
    hostile.receive(*others[:1], mail(subject=kind), *others[1:], mail(subject="last"))
    row = rows()[kind]
    assert (row.status, row.reason, row.attempts) == ("quarantined", reason, 1)
    wanted = {str(number) for number in range(neighbours)} | {"last"}
    assert set(db.session.scalars(select(Ticket.subject))) == wanted


def test_a_crash_within_a_library_is_quarantined_at_once(hostile: Cast) -> None:
    hostile.receive(*(mail(subject=subject) for subject in ("1", "2", "3", "crash", "4", "5")))
    assert (rows()["crash"].status, rows()["crash"].reason) == ("quarantined", "crash")
    assert set(db.session.scalars(select(Ticket.subject))) == {"1", "2", "3", "4", "5"}


def test_what_was_killed_from_outside_is_tried_again(hostile: Cast) -> None:
    hostile.receive(*(mail(subject=subject) for subject in ("1", "2", "3", "killed", "4", "5")))
    row = rows()["killed"]
    assert (row.status, row.reason, row.attempts) == ("pending", "", 1)
    assert row.next_attempt_at is not None


def test_an_item_that_had_a_try_is_only_read_in_a_child(hostile: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contained, "glance", lambda *_: pytest.fail("read in this process"))
    ledger.store(hostile.inbox, "INBOX", Batch([RawItem("1:1", mail(subject="crash"))], {"uid": 1}))
    row = db.session.scalars(select(Received)).one()
    row.attempts = 1
    db.session.commit()
    receive.drain(hostile.inbox.id)
    assert (row.status, row.reason) == ("quarantined", "crash")


def act(item: bytes) -> object:
    match item:
        case b"exit":
            os._exit(3)
        case b"raise":
            raise ValueError("words")
        case b"large":
            return bytes(30_000_000)
    return item


def test_every_item_has_its_answer_in_its_order() -> None:
    items = [b"one", b"exit", b"large", b"raise", b"exit", b"last"]
    one, ended, large, raised, again, last = Contained(act, items, Limits(2, 200_000_000)).answers()
    assert (one, last, len(large)) == (b"one", b"last", 30_000_000)
    assert isinstance(ended, Died) and isinstance(again, Died)
    assert isinstance(raised, Failed) and str(raised) == "ValueError: words"


def test_whoever_takes_only_the_answer_that_ended_the_child_closes_nothing_twice() -> None:
    work = Contained(act, [b"exit"], Limits(2, 200_000_000))
    assert isinstance(next(work.answers()), Died)
    free = os.open(os.devnull, os.O_RDONLY)  # takes a number that the child's pipe had
    work.close()
    os.close(free)


def test_memory_counts_for_each_item_and_not_for_all() -> None:
    kept: list[bytes] = []

    def keep(item: int) -> int:
        kept.append(bytes(item))
        return len(kept)

    answers = list(Contained(keep, [50_000_000] * 4 + [150_000_000], Limits(2, 100_000_000)).answers())
    assert answers[:4] == [1, 2, 3, 4]
    assert isinstance(answers[4], TooCostly) and answers[4].what == "memory"


def test_a_child_nobody_waits_for_any_more_is_ended() -> None:
    contained_work = Contained(lambda _item: re.match(r"(a+)+$", "a" * 40 + "b"), [1], Limits(60, 200_000_000))
    child = contained_work._child
    assert child is not None
    contained_work.close()
    assert child._fork.wait() == -signal.SIGKILL
