"""The shop of ``bin/run --demo``: filled once here, since filling is what takes its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from helpdesk import clock, demo
from helpdesk.agents.models import Agent
from helpdesk.demo import feed
from helpdesk.demo.people import PASSWORD
from helpdesk.demo.stories import told
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import STATUSES, Attachment, Delivery, Draft, Entry, Ticket
from tests.cast import Cast


def count(*criteria: object) -> int:
    return db.session.scalar(select(func.count()).where(*criteria)) or 0  # type: ignore[arg-type]


def test_the_shop_has_every_kind_of_ticket_and_its_mails_keep_coming(app: Flask) -> None:
    said = demo.fill()

    assert PASSWORD in said and demo.ACCOUNTS[0][0] in said
    assert {status for (status,) in db.session.execute(select(Ticket.status).distinct())} == set(STATUSES)
    assert 180 <= count(Ticket.id.is_not(None)) <= 220
    now = clock.now()
    assert count(Ticket.due_at < now) >= 5 and count(Ticket.due_at > now) >= 20
    assert count(Attachment.inline) and count(Draft.ticket_id.is_not(None))
    assert count(Delivery.status == "failed") == 1 and not count(Delivery.status == "queued")
    assert count(Entry.kind == "survey_answered") >= 20
    assert not count(Entry.reacted_at.is_(None)) and not count(Entry.occurred_at > now)
    assert not count(Inbox.enabled), "nothing may leave the demo"
    disorder = (
        "select count(*) from (select occurred_at < lag(occurred_at) over (order by id) as back from entries) e where back"
    )
    assert db.session.scalar(text(disorder)) == 0

    waiting = count(Received.status == "pending")
    tickets = count(Ticket.id.is_not(None))
    assert waiting == feed.AT_START and receive.due_inboxes() == []
    with clock.at(now + timedelta(minutes=2)):
        for inbox_id in receive.due_inboxes():
            receive.drain(inbox_id)
    assert count(Received.status == "pending") < waiting
    assert count(Ticket.id.is_not(None)) > tickets

    feed.add()
    assert receive.due_inboxes() != []
    assert db.session.scalar(select(func.count()).select_from(Agent)) == 8


@pytest.mark.parametrize("team", ["Destek", "Kargo", "Kurumsal"])
def test_mails_for_the_demo_are_refused_elsewhere(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, team: str
) -> None:
    stories = [story for story in told("incoming", "tr") if story.team == team]
    monkeypatch.setattr(feed, "told", lambda *_asked: stories)

    with pytest.raises(NotFound, match="demo"):
        feed.add()

    assert not count(Received.id.is_not(None)), "an inbox that receives real mail gets no invented one"


def test_every_story_is_told_in_full() -> None:
    for language in ("tr", "en"):
        for name in ("stories", "closed", "incoming"):
            for story in told(name, language):
                assert story.turns and story.turns[0].mark == ">"
                assert story.team in ("Destek", "Kargo", "Kurumsal")
