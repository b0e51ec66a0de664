"""Writes that are sent again under their Idempotency-Key."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from helpdesk import clock, jobs
from helpdesk.api.models import IdempotentRequest
from helpdesk.extensions import db
from helpdesk.tickets.models import Message
from tests.api.caller import Caller, caller
from tests.cast import Cast


def said() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.direction == "note")) or 0


def test_the_same_write_is_carried_out_once_and_answered_the_same(cast: Cast, burak: Caller) -> None:
    path = f"/tickets/{cast.ticket().id}/notes"
    first = burak.post(path, {"text": "Once"}, key="a-1")
    again = burak.post(path, {"text": "Once"}, key="a-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert said() == 1
    assert burak.post(path, {"text": "Once"}, key="a-2").json["id"] != first.json["id"]
    assert burak.post(path, {"text": "Once"}).status_code == 201
    assert said() == 3


def test_a_made_thing_has_its_location_again(cast: Cast, burak: Caller) -> None:
    body = {"name": "Ada"}
    first, again = burak.post("/customers", body, key="k"), burak.post("/customers", body, key="k")
    assert first.headers["Location"] == again.headers["Location"]
    assert first.json == again.json


def test_a_key_cannot_be_used_for_something_else(cast: Cast, burak: Caller) -> None:
    number = cast.ticket().id
    burak.post(f"/tickets/{number}/notes", {"text": "Once"}, key="k")
    for response in (
        burak.post(f"/tickets/{number}/notes", {"text": "Twice"}, key="k"),
        burak.post(f"/tickets/{number}/replies", {"text": "Once"}, key="k"),
        burak.patch(f"/tickets/{number}", {"status": "open"}, key="k"),
    ):
        assert response.status_code == 422
        assert response.json["type"] == "urn:temas:problem:idempotency_key_reused"
    assert said() == 1


def test_keys_of_two_agents_are_apart(app: Flask, cast: Cast, burak: Caller) -> None:
    path = f"/tickets/{cast.ticket().id}/notes"
    burak.post(path, {"text": "Mine"}, key="k")
    assert caller(app, cast, cast.elif_).post(path, {"text": "Hers"}, key="k").status_code == 201
    assert caller(app, cast, cast.burak).post(path, {"text": "Mine"}, key="k").headers["Idempotent-Replayed"]
    assert said() == 2


def test_a_refused_write_may_be_sent_again(cast: Cast, burak: Caller) -> None:
    path = f"/tickets/{cast.ticket().id}/notes"
    assert burak.post(path, {"text": ""}, key="k").status_code == 422
    assert burak.post(path, {"text": "Better"}, key="k").status_code == 201
    assert said() == 1


def test_a_key_that_is_none_is_refused(cast: Cast, burak: Caller) -> None:
    assert "Idempotency-Key" in burak.post("/customers", {"name": "Ada"}, key="x" * 256).json["errors"]


def test_of_many_at_once_one_is_carried_out(cast: Cast, burak: Caller) -> None:
    path = f"/tickets/{cast.ticket().id}/notes"
    db.session.commit()
    start, answers = threading.Barrier(6), []

    def write() -> None:
        start.wait()
        answers.append(burak.post(path, {"text": "Once"}, key="k"))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json["id"] for answer in answers if answer.status_code == 201}) == 1
    assert said() == 1


def test_a_write_whose_answer_was_lost_is_not_carried_out_again(cast: Cast, burak: Caller) -> None:
    path = f"/tickets/{cast.ticket().id}/notes"
    burak.post(path, {"text": "Once"}, key="k")
    db.session.execute(update(IdempotentRequest).values(status=None, body=None))  # killed after the commit of the write
    db.session.commit()
    again = burak.post(path, {"text": "Once"}, key="k")
    assert again.status_code == 409
    assert again.json["type"] == "urn:temas:problem:idempotency_key_in_use"
    assert said() == 1


def test_old_keys_are_forgotten(cast: Cast, burak: Caller) -> None:
    burak.post("/customers", {"name": "Ada"}, key="old")
    burak.post("/customers", {"name": "Ada"}, key="new")
    old = IdempotentRequest.key == "old"
    db.session.execute(update(IdempotentRequest).where(old).values(created_at=clock.now() - timedelta(days=8)))
    db.session.commit()
    jobs.clean_up()
    assert db.session.scalars(select(IdempotentRequest.key)).all() == ["new"]
