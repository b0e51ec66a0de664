"""What holds for every route: tokens, problems, descriptions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate
from sqlalchemy import select

from helpdesk import clock
from helpdesk.agents.models import ApiToken
from helpdesk.api import REFUSED_A_MINUTE
from helpdesk.extensions import db
from tests.api.caller import Caller
from tests.cast import Cast, sign_in

ROUTES = [
    ("GET", "/tickets"),
    ("POST", "/tickets"),
    ("GET", "/tickets/1001"),
    ("PATCH", "/tickets/1001"),
    ("GET", "/tickets/1001/timeline"),
    ("POST", "/tickets/1001/replies"),
    ("POST", "/tickets/1001/notes"),
    ("GET", "/tickets/1001/side-conversations"),
    ("POST", "/tickets/1001/side-conversations"),
    ("POST", "/tickets/1001/side-conversations/1/replies"),
    ("POST", "/tickets/1001/merge"),
    ("POST", "/ticket-merges/1/undo"),
    ("POST", "/tickets/1001/split"),
    ("POST", "/ticket-splits/1/undo"),
    ("GET", "/tickets/1001/links"),
    ("POST", "/tickets/1001/links"),
    ("POST", "/ticket-links/1/undo"),
    ("GET", "/attachments/1"),
    ("GET", "/customers"),
    ("POST", "/customers"),
    ("GET", "/customers/1"),
    ("PATCH", "/customers/1"),
    ("GET", "/customers/1/timeline"),
    ("POST", "/customers/1/merge"),
    ("POST", "/merges/1/undo"),
    ("GET", "/inboxes"),
    ("POST", "/inboxes"),
    ("GET", "/inboxes/1"),
    ("PATCH", "/inboxes/1"),
    ("GET", "/agents"),
    ("GET", "/teams"),
    ("GET", "/me"),
    ("GET", "/surveys/responses"),
    ("GET", "/canned-replies"),
    ("POST", "/canned-replies"),
    ("GET", "/canned-replies/1"),
    ("PATCH", "/canned-replies/1"),
    ("DELETE", "/canned-replies/1"),
    ("GET", "/macros"),
    ("POST", "/macros"),
    ("GET", "/macros/1"),
    ("PATCH", "/macros/1"),
    ("DELETE", "/macros/1"),
    ("POST", "/tickets/1001/macros/1"),
    ("POST", "/tickets/1001/macro-runs/1/undo"),
    ("GET", "/notifications"),
    ("POST", "/notifications/reading"),
    ("GET", "/tickets/1001/followers"),
    ("POST", "/tickets/1001/followers"),
    ("DELETE", "/tickets/1001/followers"),
    ("GET", "/suspended"),
    ("GET", "/suspended/1"),
    ("POST", "/suspended/1/acceptance"),
    ("POST", "/suspended/1/rejection"),
    ("POST", "/suspended/1/rejection/undo"),
]
SINGLE = ("/me", "/followers")
LISTS = [path for method, path in ROUTES if method == "GET" and not path.endswith(SINGLE) and not path[-1].isdigit()]
WRITES = [route for route in ROUTES if route[0] != "GET"]


def problem(response: Any) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json", response.text
    body: dict[str, Any] = response.json
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == response.status_code
    return body


def test_every_route_is_listed_here(app: Flask) -> None:
    paths = app.test_client().get("/api/v1/openapi.json").json["paths"]
    listed = {(method, re.sub(r"\d+", "{}", path)) for method, path in ROUTES}
    described = {
        (method.upper(), re.sub(r"{\w+}", "{}", path.removeprefix("/api/v1")))
        for path, methods in paths.items()
        for method in methods
        if method != "parameters"
    }
    assert described == listed


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_there_is_nothing_to_see(nobody: Caller, method: str, path: str) -> None:
    response = nobody.send(method, path, b"{}")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert "API token" in problem(response)["detail"]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_body_that_is_not_json_is_refused(admin: Caller, method: str, path: str) -> None:
    assert problem(admin.send(method, path, b"a=1", "application/x-www-form-urlencoded"))["status"] == 415
    if method != "DELETE" and not path.endswith(("undo", "acceptance", "followers")):  # which take none
        assert problem(admin.send(method, path, b'{"half":'))["status"] == 400
        assert problem(admin.send(method, path, b"[" * 100_000))["status"] == 400
        assert problem(admin.send(method, path, b'{"id": %s}' % (b"9" * 10_000)))["status"] == 400
        assert problem(admin.send(method, path, b"[1]"))["status"] == 422
        assert problem(admin.send(method, path, b'{"nonsense": 1}'))["errors"]["nonsense"]


@pytest.mark.parametrize("path", sorted({path for method, path in ROUTES if method == "GET"}))
def test_a_method_that_a_route_does_not_have_is_refused(admin: Caller, path: str) -> None:
    assert problem(admin.send("PUT", path, b""))["status"] == 405


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_parameter_or_cursor_is_refused(admin: Caller, cast: Cast, path: str) -> None:
    cast.ticket()
    assert problem(admin.get(path, statuss="open"))["errors"]["statuss"]
    for cursor in ("x", "W10", "bnVsbA", "é", "A" * 1000, "WyItY3JlYXRlZF9hdCIsIngiLDFd"):
        assert problem(admin.get(path, cursor=cursor))["errors"]["cursor"], cursor
    for limit in ("0", "101", "-1", "x", "1.5", "٣"):
        assert problem(admin.get(path, limit=limit))["errors"]["limit"], limit


def test_an_unknown_address_is_a_problem_document(admin: Caller) -> None:
    assert problem(admin.get("/nonsense"))["status"] == 404
    assert problem(admin.get("/tickets/99999999999999999999999"))["status"] == 404
    assert problem(admin.get("/tickets/9223372036854775807"))["status"] == 404


def test_wrong_withdrawn_and_sleeping_tokens_are_refused(app: Flask, cast: Cast) -> None:
    token = cast.token(cast.burak)
    caller = Caller(app, token)
    assert caller.get("/me").json["name"] == "Burak Öztürk"
    assert Caller(app, token + "x").get("/me").status_code == 401
    assert Caller(app, "é" * 300).get("/me").status_code == 401
    cast.burak.active = False
    db.session.commit()
    assert caller.get("/me").status_code == 401
    cast.burak.active = True
    db.session.scalars(select(ApiToken)).one().revoked_at = clock.now()
    db.session.commit()
    assert caller.get("/me").status_code == 401


def test_a_token_remembers_when_it_was_used(burak: Caller) -> None:
    burak.get("/me")
    assert db.session.scalars(select(ApiToken.last_used_at)).one() is not None


def test_a_session_is_not_accepted(app: Flask, cast: Cast) -> None:
    browser = app.test_client()
    sign_in(browser, cast.burak)
    assert browser.get("/api/v1/tickets").status_code == 401


def test_the_api_asks_for_no_csrf_token(app: Flask, cast: Cast, burak: Caller) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        ticket = cast.ticket()
        assert burak.post(f"/tickets/{ticket.id}/notes", {"text": "Hello"}).status_code == 201
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_errors_speak_the_readers_language(app: Flask) -> None:
    turkish = app.test_client().get("/api/v1/nonsense", headers={"Accept-Language": "tr"}).json
    assert turkish["title"] != app.test_client().get("/api/v1/nonsense").json["title"]


def test_too_many_refusals_from_one_address_are_stopped(app: Flask, cast: Cast) -> None:
    answers = [Caller(app, f"guess{number}").get("/me").status_code for number in range(REFUSED_A_MINUTE + 2)]
    assert answers[:REFUSED_A_MINUTE] == [401] * REFUSED_A_MINUTE
    assert answers[-1] == 429


def test_the_description_is_valid_and_names_every_error(app: Flask) -> None:
    description = app.test_client().get("/api/v1/openapi.json").json
    validate(description)
    assert description["openapi"].startswith("3.1")
    assert description["security"] == [{"token": []}]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                assert {"401", "429"} <= set(operation["responses"]), path
                assert operation["summary"], path


def test_nothing_secret_is_in_the_description(app: Flask) -> None:
    text = json.dumps(app.test_client().get("/api/v1/openapi.json").json)
    assert "token_sha256" not in text
    assert "password" not in text
