"""Inboxes over the API: secrets go in and never come out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from helpdesk import crypto
from helpdesk.extensions import db
from helpdesk.inboxes import actions
from helpdesk.inboxes.models import Inbox
from tests.api.caller import Caller
from tests.cast import Cast

NEW = {
    "channel": "email",
    "name": "Info",
    "address": "Info@Lodosev.example",
    "team": "Muhasebe",
    "settings": {"imap_host": "imap.example", "imap_password": "s3cret", "smtp_host": "smtp.example"},
}


def test_an_inbox_is_added_and_read_without_its_secrets(admin: Caller, cast: Cast) -> None:
    response = admin.post("/inboxes", NEW)
    assert response.status_code == 201, response.text
    made = response.json
    assert (made["address"], made["team"]) == ("info@lodosev.example", {"id": cast.muhasebe.id, "name": "Muhasebe"})
    assert made["settings"]["imap_host"] == "imap.example"
    assert "imap_password" in made["secrets"]
    assert made["receive"] == {"state": "unknown", "code": "", "detail": "", "since": None}
    assert made["hook_url"] is None
    path = response.headers["Location"].partition("/api/v1")[2]
    assert admin.get(path).json == made
    for found in (response, admin.get(path), admin.get("/inboxes"), admin.patch(path, {"name": "Infos"})):
        assert "s3cret" not in found.text
    assert "s3cret" not in admin.post("/inboxes", {**NEW, "settings": {"imap_password": "s3cret", "x": "y"}}).text


def test_a_change_keeps_what_it_does_not_name(admin: Caller) -> None:
    path = f"/inboxes/{admin.post('/inboxes', NEW).json['id']}"
    body = {"enabled": False, "team": None, "language": "tr", "settings": {"imap_user": "info", "imap_password": ""}}
    changed = admin.patch(path, body).json
    assert (changed["enabled"], changed["team"], changed["language"]) == (False, None, "tr")
    assert (changed["settings"]["imap_host"], changed["settings"]["imap_user"]) == ("imap.example", "info")
    assert changed["settings"]["smtp_host"] == "smtp.example"
    secrets = db.session.scalars(select(Inbox.secrets).order_by(Inbox.id.desc())).first()
    assert crypto.unseal(secrets)["imap_password"] == "s3cret"


def test_another_server_needs_its_password_again(admin: Caller) -> None:
    path = f"/inboxes/{admin.post('/inboxes', NEW).json['id']}"
    refused = admin.patch(path, {"settings": {"imap_host": "evil.example"}})
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == ["imap_password"]
    assert admin.get(path).json["settings"]["imap_host"] == "imap.example"
    moved = admin.patch(path, {"settings": {"imap_host": "new.example", "imap_password": "again"}})
    assert moved.json["settings"]["imap_host"] == "new.example"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel": "fax"}, "channel"),
        ({"name": ""}, "name"),
        ({"address": "nonsense"}, "address"),
        ({"team": "Nobody"}, "team"),
        ({"language": "de"}, "language"),
        ({"settings": {"imap_port": "x"}}, "imap_port"),
        ({"settings": {"colour": "red"}}, "colour"),
        ({"settings": {"imap_host": 5}}, "settings.imap_host.value"),
        ({"settings": []}, "settings"),
    ],
)
def test_a_wrong_inbox_names_the_field(admin: Caller, wrong: dict[str, Any], field: str) -> None:
    response = admin.post("/inboxes", NEW | wrong)
    assert response.status_code == 422, response.text
    assert field in response.json["errors"]
    assert db.session.query(Inbox).count() == 1


def test_an_address_can_be_an_inbox_once(admin: Caller) -> None:
    assert admin.post("/inboxes", NEW).status_code == 201
    assert admin.post("/inboxes", NEW).status_code == 409


def test_only_an_admin_changes_inboxes_and_sees_how_they_connect(cast: Cast, burak: Caller) -> None:
    path = f"/inboxes/{cast.inbox.id}"
    assert burak.post("/inboxes", NEW).status_code == 403
    assert burak.patch(path, {"name": "X"}).status_code == 403
    found = burak.get(path).json
    assert (found["name"], found["settings"], found["secrets"]) == ("Lodos Ev Destek", None, [])


def test_an_outsider_sees_inboxes_of_his_teams_and_of_none(cast: Cast, outsider: Caller, admin: Caller) -> None:
    assert outsider.get("/inboxes").json["items"] == []
    assert outsider.get(f"/inboxes/{cast.inbox.id}").status_code == 404
    assert outsider.patch(f"/inboxes/{cast.inbox.id}", {"name": "X"}).status_code == 404
    admin.post("/inboxes", NEW)
    assert [inbox["name"] for inbox in outsider.get("/inboxes").json["items"]] == ["Info"]
    actions.change(cast.inbox, {"team_id": None}, {})
    assert [inbox["name"] for inbox in outsider.get("/inboxes").json["items"]] == ["Info", "Lodos Ev Destek"]


def test_agents_and_teams_are_listed(cast: Cast, outsider: Caller) -> None:
    assert {agent["email"] for agent in outsider.get("/agents").json["items"]} >= {"burak@lodosev.example"}
    assert {team["name"] for team in outsider.get("/teams").json["items"]} == {"Destek", "Muhasebe"}
    assert "password" not in outsider.get("/agents").text
    first = outsider.get("/agents", limit=3).json
    rest = outsider.get("/agents", limit=3, cursor=first["next"]).json
    assert len({agent["id"] for agent in first["items"] + rest["items"]}) == 4
