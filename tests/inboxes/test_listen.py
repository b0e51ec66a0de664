"""Listening to a real IMAP server: pushed, leased, red when it fails, and well again by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes import listen
from helpdesk.inboxes.models import Inbox, Received
from tests.cast import Cast, mail
from tests.rigs.mailserver import MailServer
from tests.rigs.wait import PATIENCE, until

ADDRESS = "destek@lodosev.example"


@pytest.fixture
def connected(cast: Cast, own_mail_server: MailServer) -> Cast:
    inboxes.change(cast.inbox, {}, own_mail_server.settings(ADDRESS))
    return cast


@pytest.fixture
def listening(app: Flask, connected: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two listening processes' worth of threads: the lease lets one of them listen."""
    monkeypatch.setattr(listen, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(listen, "FIRST_RETRY", 0.1)
    monkeypatch.setattr(listen, "LAST_RETRY", 0.5)
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], poll_seconds=3600))  # only pushed
    stop = threading.Event()
    threads = [threading.Thread(target=listen.run, args=(app, stop)) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not [thread for thread in threads if thread.is_alive()]


def received() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Received)) or 0


def state() -> tuple[str, str]:
    db.session.rollback()
    inbox = db.session.scalars(select(Inbox)).one()
    return inbox.receive_state, inbox.receive_code


def test_mail_that_waits_and_mail_that_comes_are_stored_once(
    connected: Cast, own_mail_server: MailServer, listening
) -> None:
    own_mail_server.append(ADDRESS, *(mail(subject=f"{number}") for number in range(30)))
    until(lambda: received() == 30, what="waiting mail")
    own_mail_server.append(ADDRESS, mail(subject="pushed"))
    until(lambda: received() == 31, what="pushed mail")
    assert state() == ("ok", "")


def test_a_wrong_password_turns_the_inbox_red_and_the_right_one_heals_it(
    connected: Cast, own_mail_server: MailServer, listening
) -> None:
    inboxes.change(connected.inbox, {}, {"imap_password": "wrong"})
    until(lambda: state() == ("failing", "login"), what="the inbox to turn red")
    own_mail_server.append(ADDRESS, mail())
    inboxes.change(db.session.scalars(select(Inbox)).one(), {}, {"imap_password": own_mail_server.password})
    until(lambda: received() == 1 and state() == ("ok", ""), what="the mail of meanwhile")


def test_a_dead_server_turns_the_inbox_red_and_its_return_heals_it(
    connected: Cast, own_mail_server: MailServer, listening
) -> None:
    until(lambda: state() == ("ok", ""), what="listening")
    own_mail_server.dovecot.kill()
    until(lambda: state()[0] == "failing", what="the inbox to turn red")
    own_mail_server.dovecot.start()
    own_mail_server.append(ADDRESS, mail())
    until(lambda: received() == 1 and state() == ("ok", ""), what="the mail of meanwhile")


def test_a_disabled_inbox_is_not_listened_to(connected: Cast, own_mail_server: MailServer, listening) -> None:
    until(lambda: state() == ("ok", ""), what="listening")
    inboxes.change(db.session.scalars(select(Inbox)).one(), {"enabled": False}, {})
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith("listen-")], what="its listener to stop")
    own_mail_server.append(ADDRESS, mail())
    assert received() == 0
