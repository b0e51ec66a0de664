"""A program that calls the API with somebody's token."""

from __future__ import annotations

import contextvars
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.agents.models import Agent
from tests.cast import Cast


class Caller:
    """Calls the API as an agent; without one, as nobody."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.client = FlaskClient(app, app.response_class)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._open(path, method="GET", query_string=query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str = "") -> TestResponse:
        return self._send("POST", path, body, key)

    def patch(self, path: str, body: Any, *, key: str = "") -> TestResponse:
        return self._send("PATCH", path, body, key)

    def send(self, method: str, path: str, raw: bytes, content_type: str = "application/json") -> TestResponse:
        """Anything at all."""
        return self._open(path, method=method, data=raw, content_type=content_type, headers=self.headers)

    def _send(self, method: str, path: str, body: Any, key: str) -> TestResponse:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self._open(path, method=method, json=body, headers=headers)

    def _open(self, path: str, **request: Any) -> TestResponse:
        """As a server does it: in a context, and so with a database session, of the request's own."""
        return contextvars.Context().run(partial(self.client.open, f"/api/v1{path}", **request))


def caller(app: Flask, cast: Cast, agent: Agent) -> Caller:
    return Caller(app, cast.token(agent))
