"""The webhook endpoint: proven, stored, and only then answered."""

from __future__ import annotations

import contextvars
import json
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from channels import registry
from helpdesk.extensions import db
from helpdesk.inboxes import actions, hook_urls
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Ticket
from tests.cast import Cast
from tests.channels.signed import HEADER, sign

ITEMS = [{"id": "a", "from": "ada", "text": "Hello"}, {"id": "b", "from": "ada", "text": "Again"}]


@pytest.fixture
def inbox(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Inbox:
    """An inbox of a channel with a webhook."""
    monkeypatch.setitem(registry.CHANNELS, "signed", "tests.channels.signed:SignedChannel")
    return actions.add("signed", "Hook", "bot", team_id=None, values={"secret": "s3cret"}, language="en")


class Provider:
    """Somebody who calls hooks, and signs what he sends."""

    def __init__(self, app: Flask, inbox: Inbox) -> None:
        self.app, self.url = app, hook_urls.of(inbox) or ""

    def send(self, body: Any, *, method: str = "POST", query: str = "", secret: str = "s3cret") -> TestResponse:
        raw = json.dumps(body).encode() if body is not None else b""
        url = self.url + query
        headers = {HEADER: sign(secret, url, raw)}
        path = url.removeprefix("http://temas.test")
        call = partial(FlaskClient(self.app, self.app.response_class).open, path, method=method, data=raw, headers=headers)
        return contextvars.Context().run(call)


@pytest.fixture
def provider(app: Flask, inbox: Inbox) -> Provider:
    return Provider(app, inbox)


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Received)) or 0


def test_what_is_proven_is_in_the_ledger_when_it_is_answered(provider: Provider, inbox: Inbox) -> None:
    response = provider.send(ITEMS)
    assert (response.status_code, response.text) == (202, "taken")
    assert stored() == 2
    receive.drain(inbox.id)
    assert db.session.scalars(select(Ticket.subject).order_by(Ticket.id)).all() == ["Hello", "Again"]


def test_what_is_sent_again_is_stored_once(provider: Provider) -> None:
    provider.send(ITEMS[:1])
    assert provider.send(ITEMS).status_code == 202
    assert stored() == 2


def test_a_challenge_is_answered(provider: Provider) -> None:
    response = provider.send(None, method="GET", query="?challenge=42")
    assert (response.status_code, response.text) == (200, "42")
    assert stored() == 0


def test_a_forged_request_is_refused(provider: Provider) -> None:
    assert provider.send(ITEMS, secret="guess").status_code == 403
    assert stored() == 0


def test_the_signature_is_over_our_public_address(app: Flask, provider: Provider) -> None:
    raw = json.dumps(ITEMS).encode()
    path = provider.url.removeprefix("http://temas.test")
    headers = {HEADER: sign("s3cret", f"http://evil.example{path}", raw), "Host": "evil.example"}
    assert app.test_client().post(path, data=raw, headers=headers).status_code == 403


def test_an_unknown_key_and_a_channel_without_a_webhook_are_not_found(app: Flask, cast: Cast, provider: Provider) -> None:
    for key in ("nonsense", "a%00b", cast.inbox.key):
        assert app.test_client().post(f"/hooks/{key}", data=b"x").status_code == 404


def test_an_inbox_that_is_off_asks_to_be_called_again(provider: Provider, inbox: Inbox) -> None:
    actions.change(inbox, {"enabled": False}, {})
    response = provider.send(ITEMS)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert stored() == 0


def test_what_the_ledger_cannot_take_is_asked_for_again(provider: Provider) -> None:
    db.session.execute(text("alter table received rename to received_away"))
    db.session.commit()
    try:
        response = provider.send(ITEMS)
    finally:
        db.session.execute(text("alter table received_away rename to received"))
        db.session.commit()
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert provider.send(ITEMS).status_code == 202
    assert stored() == 2
