"""Canned replies over the API."""

from __future__ import annotations

from flask import Flask

from tests.api.caller import Caller, caller
from tests.cast import Cast

NEW = {"name": "Selam", "texts": [{"language": "tr", "text": "Merhaba {{ customer.name }}\nNasılsınız"}], "shortcut": "s"}


def test_a_canned_reply_is_made_found_changed_and_deleted(app: Flask, cast: Cast, burak: Caller) -> None:
    made = burak.post("/canned-replies", NEW)
    assert made.status_code == 201
    path = f"/canned-replies/{made.json['id']}"
    assert made.headers["Location"].endswith(path)
    assert (made.json["visibility"], made.json["uses"]) == ("private", 0)
    [text] = made.json["texts"]
    assert text["html"] == "<p>Merhaba {{ customer.name }}<br>Nasılsınız</p>"
    changed = burak.patch(path, {"name": "Selam 2", "texts": [{"language": "en", "html": "<p>Hi</p>"}]}).json
    assert (changed["name"], changed["shortcut"], [one["language"] for one in changed["texts"]]) == ("Selam 2", "s", ["en"])
    assert [one["name"] for one in burak.get("/canned-replies", q="SELAM").json["items"]] == ["Selam 2"]
    assert burak.send("DELETE", path, b"").status_code == 204
    assert burak.get(path).status_code == 404


def test_sharing_is_for_leads_and_strangers_see_nothing(app: Flask, cast: Cast, burak: Caller, outsider: Caller) -> None:
    assert burak.post("/canned-replies", NEW | {"visibility": "all"}).status_code == 403
    lead = caller(app, cast, cast.elif_)
    made = lead.post("/canned-replies", NEW | {"team": "Destek"}).json
    assert (made["visibility"], made["team"]["name"]) == ("team", "Destek")
    path = f"/canned-replies/{made['id']}"
    assert burak.get(path).status_code == 200
    assert burak.patch(path, {"name": "x"}).status_code == 403
    assert {outsider.get(path).status_code, outsider.patch(path, {"name": "x"}).status_code} == {404}
    assert outsider.send("DELETE", path, b"").status_code == 404
    assert outsider.get("/canned-replies").json["items"] == []


def test_an_unknown_variable_is_named(burak: Caller) -> None:
    refused = burak.post("/canned-replies", NEW | {"texts": [{"language": "tr", "text": "{{ customer.card }}"}]})
    assert refused.status_code == 422
    assert "customer.card" in refused.json["errors"]["texts.tr"][0]
