"""The nightly comparison: when it is due, once, and what it leaves for the next time."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from helpdesk import clock, locks
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes import reconcile
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming import receive
from tests.cast import Cast, mail
from tests.rigs.mailserver import MailServer

ADDRESS = "nightly@lodosev.example"
NOON = datetime(2026, 3, 10, 12).astimezone()


def set_up(cast: Cast, created: datetime, compared: datetime | None, finished: bool = True) -> Inbox:
    cast.inbox.created_at, cast.inbox.compared_at = created, compared
    cast.inbox.comparison = {"finished": finished} if compared else None
    db.session.commit()
    return cast.inbox


@pytest.mark.parametrize(
    "created, compared, finished, due",
    [
        (NOON - timedelta(hours=1), None, True, False),
        (NOON - timedelta(days=2), None, True, True),
        (NOON - timedelta(days=2), NOON - timedelta(hours=1), True, False),
        (NOON - timedelta(days=2), NOON - timedelta(days=1), True, True),
        (NOON - timedelta(days=2), NOON - timedelta(hours=1), False, True),
    ],
    ids=["new today", "never yet", "compared since", "last night missed", "not finished"],
)
def test_each_inbox_is_compared_once_a_night(
    cast: Cast, created: datetime, compared: datetime | None, finished: bool, due: bool
) -> None:
    assert reconcile.is_due(set_up(cast, created, compared, finished), NOON) is due


def test_a_server_that_is_away_is_compared_when_it_is_back(cast: Cast) -> None:
    inbox = set_up(cast, NOON - timedelta(days=2), None)
    inbox.receive_state, inbox.receive_code = "failing", "unreachable"
    assert not reconcile.is_due(inbox, NOON)
    inbox.receive_code = "folder"
    assert reconcile.is_due(inbox, NOON)


def test_inboxes_are_spread_over_the_night() -> None:
    nights = {reconcile._last_night(number, NOON) for number in range(1, 21)}
    assert len(nights) == 20
    assert {night.hour for night in nights} <= {1, 2, 3, 4}


def test_what_is_due_is_fetched_and_a_run_that_was_stopped_goes_on_the_next_time(
    cast: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "AT_ONCE", 2)
    inboxes.change(cast.inbox, {"address": ADDRESS}, mail_server.settings(ADDRESS))
    mail_server.append(ADDRESS, *(mail(subject=f"{number}") for number in range(6)))
    inbox = set_up(cast, clock.now() - timedelta(days=2), None)
    stopping, going = threading.Event(), threading.Event()
    stopping.set()
    reconcile.compare_due(stopping)
    db.session.refresh(inbox)
    assert inbox.comparison is not None
    assert (inbox.comparison["fetched"], inbox.comparison["finished"]) == (2, False)
    with locks.lease(locks.Lock.RECONCILE, inbox.id):
        reconcile.compare_due(going)  # somebody else is at it
    db.session.refresh(inbox)
    assert inbox.comparison["fetched"] == 2
    reconcile.compare_due(going)
    db.session.refresh(inbox)
    assert inbox.comparison is not None
    assert [inbox.comparison[name] for name in ("server", "stored", "missing", "fetched")] == [6, 2, 4, 4]
    assert receive.drain(inbox.id) == 6
    assert not reconcile.is_due(inbox, clock.now())
