"""Merges at the same moment, by two agents and while mail arrives."""

from __future__ import annotations

import threading

from flask import Flask

from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict
from helpdesk.extensions import db
from helpdesk.tickets.merging.merge import merge
from helpdesk.tickets.merging.models import TicketMerge
from helpdesk.tickets.merging.unmerge import undo
from tests.cast import Cast, mail
from tests.tickets.merged import said, two


def test_of_several_merges_at_once_one_is_made(app: Flask, cast: Cast) -> None:
    kept, merged = two(cast)
    agent_id, one, other = cast.burak.id, kept.id, merged.id
    db.session.commit()
    start, outcomes = threading.Barrier(4), []

    def attempt(number: int, into: int) -> None:
        with app.app_context():
            agent = db.session.get_one(Agent, agent_id)
            start.wait()
            try:
                merge(agent, number, into)
                outcomes.append("merged")
            except Conflict:
                outcomes.append("refused")

    threads = [threading.Thread(target=attempt, args=pair) for pair in ((one, other), (other, one)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["merged", "refused", "refused", "refused"]
    assert db.session.query(TicketMerge).count() == 1


def test_mail_that_arrives_during_merges_is_never_left_with_a_merged_ticket(app: Flask, cast: Cast) -> None:
    kept, merged = two(cast)
    agent_id, one, other = cast.burak.id, kept.id, merged.id
    db.session.commit()
    done, failures = threading.Event(), []

    def merge_and_undo() -> None:
        with app.app_context():
            agent = db.session.get_one(Agent, agent_id)
            try:
                for _ in range(10):
                    undo(agent, merge(agent, other, one).id)
                merge(agent, other, one)
            except BaseException as error:
                failures.append(error)
            finally:
                done.set()

    thread = threading.Thread(target=merge_and_undo)
    thread.start()
    count = 0
    while not done.is_set() and count < 200:
        cast.receive(mail(subject=f"[#{(one, other)[count % 2]}]", text=f"Mail {count}"))
        count += 1
    thread.join()
    assert not failures
    assert (len(said(one)), said(other)) == (count + 2, [])
