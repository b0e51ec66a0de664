"""Macros over the API."""

from __future__ import annotations

from flask import Flask

from tests.api.caller import Caller
from tests.cast import Cast

CLOSE = {
    "name": "Kapat",
    "actions": {"status": "closed", "assignee": "burak@lodosev.example", "add_tags": ["a"], "reply": "<p>Bitti</p>"},
}


def test_a_macro_is_made_run_undone_and_deleted(app: Flask, cast: Cast, burak: Caller) -> None:
    number = cast.ticket().id
    made = burak.post("/macros", CLOSE)
    assert made.status_code == 201
    assert made.json["actions"]["assignee"] == cast.burak.id
    path = f"/macros/{made.json['id']}"
    assert burak.patch(path, {"key": "4"}).json["key"] == "4"
    run = burak.post(f"/tickets/{number}{path}", {"undo_seconds": 60})
    assert run.status_code == 201
    ticket = burak.get(f"/tickets/{number}").json
    assert (ticket["status"], ticket["tags"], ticket["assignee"]["name"]) == ("closed", ["a"], "Burak Öztürk")
    assert burak.post(f"/tickets/{number}/macro-runs/{run.json['id']}/undo").json["undone_at"]
    assert burak.get(f"/tickets/{number}").json["status"] == "new"
    assert burak.post(f"/tickets/{number}{path}", {"seen_entry": 0}).status_code == 409
    assert [one["name"] for one in burak.get("/macros").json["items"]] == ["Kapat"]
    assert burak.send("DELETE", path, b"").status_code == 204


def test_a_stranger_neither_sees_nor_runs_a_macro(cast: Cast, admin: Caller, outsider: Caller) -> None:
    number = cast.ticket().id
    private = admin.post("/macros", CLOSE).json["id"]
    shared = admin.post("/macros", CLOSE | {"visibility": "all"}).json["id"]
    assert outsider.get(f"/macros/{private}").status_code == 404
    assert outsider.patch(f"/macros/{private}", {"name": "x"}).status_code == 404
    assert outsider.patch(f"/macros/{shared}", {"name": "x"}).status_code == 403
    assert outsider.send("DELETE", f"/macros/{private}", b"").status_code == 404
    assert outsider.post(f"/tickets/{number}/macros/{shared}", {}).status_code == 404
    assert outsider.post(f"/tickets/{number}/macro-runs/1/undo").status_code == 404
