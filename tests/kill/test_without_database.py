"""PostgreSQL frozen, and PostgreSQL crashed, while mail comes in and replies go out: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import create_app, embedded
from helpdesk.config import Settings
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import Cast, mail
from tests.doors.running import Run, environment, installation
from tests.kill.test_sigkill import nothing_lost_or_doubled, settled, stored
from tests.rigs.mailserver import MailServer
from tests.rigs.ports import free_ports
from tests.rigs.wait import until

ADDRESS = "destek@lodosev.example"
SECRET = "a secret that only this test knows"
AT_ONCE = 20


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """The whole of Temas, with a PostgreSQL of its own."""
    with installation(tmp_path) as data:
        running = Run(data, free_ports(1)[0], SECRET_KEY=SECRET, TEMAS_UNDO_SECONDS="0", TEMAS_POLL_SECONDS="5").ready()
        yield running
        running.end()


@pytest.fixture
def beside(run: Run) -> Iterator[Flask]:
    """An application of this process on the database of ``run``."""
    environ = environment(TEMAS_DATA=str(run.data), SECRET_KEY=SECRET)
    with embedded.servers(Settings.load(environ)) as settings:
        app = create_app(settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


class Traffic:
    """Mails that arrive and replies that leave, numbered on."""

    def __init__(self, cast: Cast, server: MailServer) -> None:
        self.cast, self.server, self.count = cast, server, 0

    def write(self) -> None:
        numbers = range(self.count, self.count + AT_ONCE)
        mails = [mail(subject=f"Mail {number}", sender=f"k{number}@customer.example") for number in numbers]
        self.server.append(ADDRESS, *mails)
        self.count += AT_ONCE

    def arrive(self) -> None:
        until(lambda: stored() >= self.count and settled(), seconds=150, what="all that was written to be settled")

    def answer_all(self) -> None:
        unanswered = select(Ticket.id).where(Ticket.status == "new").order_by(Ticket.id)
        for number in db.session.scalars(unanswered).all():
            reply(self.cast.burak, number, Writing(text="Yolda."), undo_seconds=0)
        db.session.rollback()

    def left(self, address: str) -> int:
        return len(self.server.mails(address))


def postgres(run: Run) -> list[psutil.Process]:
    server = run.member("bin/postgres")
    return [server, *server.children(recursive=True)]


def freeze(run: Run) -> None:
    """Stop the server first, so that it makes no further process, and then those that it has."""
    run.member("bin/postgres").suspend()
    for process in postgres(run):
        process.suspend()


def thaw(run: Run) -> None:
    for process in reversed(postgres(run)):
        process.resume()


@pytest.mark.timeout(400)
def test_postgresql_stops_in_the_middle_and_everything_goes_on_by_itself(
    run: Run, beside: Flask, own_mail_server: MailServer
) -> None:
    cast = Cast.gather()
    inboxes.change(cast.inbox, {}, own_mail_server.settings(ADDRESS))
    traffic = Traffic(cast, own_mail_server)
    traffic.write()
    traffic.arrive()

    traffic.answer_all()
    until(lambda: traffic.left("k0@customer.example"), seconds=60, what="the first reply to leave")
    freeze(run)
    try:
        traffic.write()
        until(lambda: run.health().get("database") == "down", seconds=60, what="/healthz to notice")
    finally:
        thaw(run)
    until(run.is_well, seconds=60, what="everything to be well again")
    traffic.arrive()

    traffic.answer_all()
    until(lambda: traffic.left(f"k{AT_ONCE}@customer.example"), seconds=60, what="the first reply to leave")
    before = run.pid_of("bin/postgres")
    run.member("bin/postgres").send_signal(signal.SIGQUIT)
    traffic.write()
    until(lambda: run.pid_of("bin/postgres") not in (0, before) and run.is_well(), seconds=90, what="its return")
    traffic.arrive()

    nothing_lost_or_doubled(traffic.count)
    rows = db.session.execute(select(Delivery.recipient, Delivery.status)).all()
    status = {row.recipient: row.status for row in rows}
    arrived = Counter({address: traffic.left(address) for address in status})
    assert len(status) == 2 * AT_ONCE and max(arrived.values()) == 1, "a reply was sent twice"
    assert set(status.values()) <= {"sent", "unknown"}
    assert {address for address in status if status[address] == "sent"} <= set(+arrived)
    assert len(+arrived) >= 2 * AT_ONCE - 1  # unknown: the one that was being handed over when the server crashed
