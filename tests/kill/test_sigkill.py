"""Killing what runs, at any moment, loses nothing and doubles nothing: real servers, real processes, SIGKILL."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.config import ROOT
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes.models import Received
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import Cast, mail
from tests.rigs.mailserver import MailServer
from tests.rigs.process import running
from tests.rigs.wait import PATIENCE, until

MAILS = 150


class Workers:
    """``worker.py all`` as it is run, and the means to kill parts of it."""

    command: Sequence[str] = (str(ROOT / "worker.py"), "all")

    def __init__(self, app: Flask, log: Path, command: Sequence[str] = command) -> None:
        self.command = command
        settings = app.extensions["settings"]
        self.environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "TEMAS_DATA": str(settings.data),
            "PUBLIC_URL": settings.public_url,
            "TEMAS_POLL_SECONDS": "5",
        }
        self.log = log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.parent = subprocess.Popen([sys.executable, *self.command], env=self.environment, stdout=log, stderr=log)

    def kill_a_child(self) -> None:
        children = psutil.Process(self.parent.pid).children()
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just died of something else
            if children:
                random.choice(children).kill()

    def kill_all(self) -> None:
        family = psutil.Process(self.parent.pid).children(recursive=True)
        self.parent.kill()
        self.parent.wait()
        until(lambda: not any(map(running, family)), what="the end of the whole family")

    def stop(self) -> None:
        self.parent.send_signal(signal.SIGTERM)
        self.parent.wait(PATIENCE)


@pytest.fixture
def workers(app: Flask, tmp_path: Path) -> Iterator[Workers]:
    running = Workers(app, tmp_path / "worker.log")
    yield running
    running.stop()


@pytest.fixture
def connected(cast: Cast, own_mail_server: MailServer) -> Cast:
    inboxes.change(cast.inbox, {}, own_mail_server.settings("destek@lodosev.example"))
    return cast


def settled() -> bool:
    """Whether nothing waits any more."""
    db.session.rollback()
    pending = db.session.scalar(select(func.count()).where(Received.status == "pending"))
    unreacted = db.session.scalar(select(func.count()).where(Entry.reacted_at.is_(None)))
    moving = db.session.scalar(select(func.count()).where(Delivery.status.in_(("queued", "sending"))))
    return (pending, unreacted, moving) == (0, 0, 0)


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Received)) or 0


def nothing_lost_or_doubled(mails: int) -> None:
    sources = db.session.scalars(select(Message.received_id).where(Message.direction == "inbound")).all()
    assert len(sources) == len(set(sources)) == mails
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == mails
    assert sorted(db.session.scalars(select(Ticket.subject))) == sorted(f"Mail {number}" for number in range(mails))


@pytest.mark.timeout(300)
def test_mail_arrives_once_whoever_is_killed_meanwhile(
    connected: Cast, own_mail_server: MailServer, workers: Workers, app: Flask
) -> None:
    random.seed(7)
    for number in range(MAILS):
        own_mail_server.append("destek@lodosev.example", mail(subject=f"Mail {number}", message_id=f"<{number % 90}@x>"))
        if number % 10 == 5:
            workers.kill_a_child()
        if number % 25 == 12:
            app.extensions["redis"].flushall()
        if number == 75:
            workers.kill_all()
            workers.start()
        if number == 110:
            own_mail_server.dovecot.kill()
            own_mail_server.dovecot.start()
    until(lambda: stored() >= MAILS and settled(), seconds=2 * PATIENCE, what="every mail to become a ticket")
    nothing_lost_or_doubled(MAILS)


@pytest.mark.timeout(300)
def test_replies_leave_once_whoever_is_killed_meanwhile(
    connected: Cast, own_mail_server: MailServer, workers: Workers, app: Flask
) -> None:
    connected.receive(*(mail(subject=f"Mail {number}", sender=f"k{number}@customer.example") for number in range(60)))
    deaths = 0
    for position, number in enumerate(db.session.scalars(select(Ticket.id).order_by(Ticket.id)).all()):
        reply(connected.burak, number, Writing(text="Yolda."), undo_seconds=0)
        if position % 6 == 3:
            workers.kill_a_child()
            deaths += 1
        if position % 20 == 10:
            app.extensions["redis"].flushall()
        if position == 40:
            workers.kill_all()
            workers.start()
            deaths += 1
    until(settled, seconds=2 * PATIENCE, what="every reply to leave")
    own_mail_server.wait_until_delivered()
    rows = db.session.execute(select(Delivery.recipient, Delivery.status)).all()
    arrived = Counter(recipient for recipient, _status in rows for _raw in own_mail_server.mails(recipient))
    assert len(rows) == 60
    assert max(arrived.values()) == 1, "a reply was sent twice"
    sent = {recipient for recipient, status in rows if status == "sent"}
    assert sent <= set(arrived)
    assert {status for _recipient, status in rows} <= {"sent", "unknown"}
    assert len(sent) >= 60 - deaths  # unknown is only what was just being handed over when its process was killed


def test_what_is_stored_while_redis_is_empty_is_still_handled(connected: Cast, workers: Workers, app: Flask) -> None:
    from channels.messages import Batch, RawItem
    from helpdesk.inboxes import ledger

    ledger.store(connected.inbox, "test", Batch([RawItem("9:1", mail(subject="Mail 0"))], {"uid": 1}))
    app.extensions["redis"].flushall()
    until(settled, what="the sweepers to find it")
    nothing_lost_or_doubled(1)
