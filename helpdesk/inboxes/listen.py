"""Listening to inboxes: one thread and one lease for each, reconnecting with backoff for as long as it takes."""

from __future__ import annotations

import random
import threading
import time
from contextlib import closing
from zlib import crc32

import structlog
from flask import Flask
from sqlalchemy.exc import DBAPIError

from channels.base import Source
from channels.failures import TemporaryFailure
from helpdesk import locks, settings
from helpdesk.extensions import db
from helpdesk.inboxes import health, ledger, queries, reconcile
from helpdesk.inboxes.models import Inbox

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often the set of inboxes and their settings are looked at."""
HEAR_STOP_SECONDS = 1.0
FIRST_RETRY, LAST_RETRY = 1.0, 60.0
"""A server is asked once a minute while it is away: cheap for both, and mail flows a minute after its return."""
REFUSED_RETRY = 300.0
"""Providers lock accounts after many wrong passwords; a corrected one is tried at once."""
LEASE_SECONDS = 5.0
"""How often a listener without the lease looks whether the one that has it died."""


def run(app: Flask, stop: threading.Event) -> None:
    """Keep a listener going for every source of every enabled inbox, and compare them at night, until ``stop`` is set."""
    listeners: dict[tuple[int, int, str], Listener] = {}
    comparing = _compare(app, stop)
    while not stop.is_set():
        if not comparing.is_alive():
            comparing = _compare(app, stop)
        try:
            with app.app_context():
                wanted = _wanted()
        except DBAPIError as error:
            log.warning("listener_without_database", reason=type(error).__name__)
            stop.wait(LOOK_SECONDS)
            continue
        for key in set(listeners) - wanted:
            listeners.pop(key).stop.set()
        for key in wanted:
            if key not in listeners or not listeners[key].is_alive():
                listeners[key] = Listener(app, *key)
                listeners[key].start()
        stop.wait(LOOK_SECONDS)
    for listener in listeners.values():
        listener.stop.set()
    for listener in listeners.values():
        listener.join(timeout=10)
    comparing.join(timeout=10)


def _compare(app: Flask, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=reconcile.keep_comparing, args=(app, stop), name="reconcile", daemon=True)
    thread.start()
    return thread


def _wanted() -> set[tuple[int, int, str]]:
    return {
        (inbox.id, inbox.settings_version, source)
        for inbox in queries.listening()
        for source in queries.connector(inbox).sources()
    }


class Listener(threading.Thread):
    """Listens to one source of one inbox with one version of its settings."""

    def __init__(self, app: Flask, inbox_id: int, settings_version: int, source: str) -> None:
        super().__init__(name=f"listen-{inbox_id}", daemon=True)
        self.app, self.inbox_id, self.settings_version, self.source = app, inbox_id, settings_version, source
        self.stop = threading.Event()

    def run(self) -> None:
        retry = FIRST_RETRY
        while not self.stop.is_set():
            started = time.monotonic()
            refused = False
            try:
                with self.app.app_context():
                    ours = self._listen_with_lease()
            except TemporaryFailure as failure:
                ours, refused = True, failure.code == "login"
                self._note(failure)
            except DBAPIError as error:
                ours = True
                log.warning("listener_without_database", inbox=self.inbox_id, reason=type(error).__name__)
            last = REFUSED_RETRY if refused else LAST_RETRY
            retry = FIRST_RETRY if time.monotonic() - started > last else min(retry * 2, last)
            self.stop.wait(retry * random.uniform(0.5, 1.0) if ours else LEASE_SECONDS)  # noqa: S311

    def _note(self, failure: TemporaryFailure) -> None:
        log.warning("listening_failed", inbox=self.inbox_id, code=failure.code)
        try:
            with self.app.app_context():
                health.failing(self.inbox_id, "receive", failure, self.source)
        except DBAPIError as error:
            log.warning("listener_without_database", inbox=self.inbox_id, reason=type(error).__name__)

    def _listen_with_lease(self) -> bool:
        """Listen until stopped or failing; False when another process holds the lease."""
        with locks.lease(locks.Lock.LISTEN, crc32(f"{self.inbox_id}:{self.source}".encode())) as ours:
            if not ours:
                return False
            inbox = db.session.get_one(Inbox, self.inbox_id)
            channel = queries.connector(inbox)
            db.session.rollback()
            with closing(channel.open(self.source)) as source:
                self._listen(source)
        return True

    def _listen(self, source: Source) -> None:
        while not self.stop.is_set():
            self._drain(source)
            look_again = time.monotonic() + settings.current().poll_seconds
            while not (self.stop.is_set() or source.wait(HEAR_STOP_SECONDS) or time.monotonic() > look_again):
                continue

    def _drain(self, source: Source) -> None:
        """Store everything new, then tell the server; an acknowledgement that fails changes nothing."""
        cursor = ledger.cursor(self.inbox_id, self.source)
        db.session.rollback()
        for batch in source.fetch(cursor):
            inbox = db.session.get_one(Inbox, self.inbox_id)
            ledger.store(inbox, self.source, batch, source.lacks)
            source.acknowledge(batch)
            if self.stop.is_set():
                break
        health.working(self.inbox_id, "receive", self.source)
