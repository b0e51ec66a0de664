"""The settings of teams, agents, tokens and surveys; who may open what."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.agents import staff
from helpdesk.agents.models import Agent, ApiToken, Team
from helpdesk.agents.passwords import is_password
from helpdesk.errors import Conflict
from helpdesk.extensions import db
from helpdesk.surveys.models import Survey
from helpdesk.tickets import actions
from helpdesk.tickets.models import Entry, Ticket
from tests.cast import PASSWORD, Cast, sign_in

PAGES = (
    "inboxes", "inboxes/new/email", "inboxes/1", "received", "received/1", "received/1/raw", "agents", "agents/new",
    "agents/2", "tokens", "tokens/new", "surveys", "surveys/1", "surveys/1/preview/en",
)  # fmt: skip
FOR_LEADS = ("teams", "teams/new", "teams/1")
WRITES = (
    "inboxes/new/email", "inboxes/new/email/test", "inboxes/1", "inboxes/1/test", "received/1/retry",
    "received/1/discard", "teams/new", "teams/1", "teams/1/deletion", "agents/new", "agents/2", "agents/2/password",
    "agents/2/sessions/end", "agents/2/activation", "tokens", "tokens/1/revocation", "surveys/1",
)  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient, cast: Cast) -> FlaskClient:
    sign_in(client, cast.ayse)
    return client


@pytest.mark.parametrize("path", [*PAGES, *FOR_LEADS])
def test_an_agent_sees_no_settings_and_a_stranger_is_sent_to_sign_in(client: FlaskClient, cast: Cast, path: str) -> None:
    assert client.get(f"/settings/{path}".rstrip("/")).status_code == 302
    sign_in(client, cast.outsider)
    assert client.get(f"/settings/{path}".rstrip("/")).status_code == 403


@pytest.mark.parametrize("path", WRITES)
def test_only_an_admin_changes_settings(client: FlaskClient, cast: Cast, path: str) -> None:
    assert client.post(f"/settings/{path}").status_code == 302
    for agent in (cast.outsider, cast.elif_):
        client.post("/logout")
        sign_in(client, agent)
        assert client.post(f"/settings/{path}").status_code == 403


def test_a_lead_looks_at_teams_only(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.elif_)
    assert client.get("/settings").location.endswith("/settings/teams")
    page = client.get(f"/settings/teams/{cast.destek.id}?lang=en").text
    assert "Only an admin can change teams" in page and "Delete team" not in page
    for path in PAGES:
        assert client.get(f"/settings/{path}").status_code == 403


@pytest.mark.parametrize(
    "path", [*FOR_LEADS, "agents", "agents/new", "agents/2", "tokens", "surveys/1", "inboxes", "received"]
)
def test_every_page_opens_in_both_languages(admin: FlaskClient, path: str) -> None:
    for language in ("en", "tr"):
        assert admin.get(f"/settings/{path}?lang={language}").status_code == 200


def test_a_team_is_made_renamed_and_given_members(admin: FlaskClient, cast: Cast) -> None:
    location = admin.post("/settings/teams/new", data={"name": "Kargo", "members": [cast.burak.id]}).location
    team = db.session.query(Team).filter_by(name="Kargo").one()
    assert [agent.id for agent in team.agents] == [cast.burak.id]
    admin.post(location, data={"name": "Kargo ve İade", "members": [cast.elif_.id, cast.outsider.id, "abc"]})
    db.session.expire_all()
    assert team.name == "Kargo ve İade"
    assert {agent.id for agent in team.agents} == {cast.elif_.id, cast.outsider.id}


def test_a_refused_team_keeps_what_was_typed(admin: FlaskClient, cast: Cast) -> None:
    taken = admin.post(f"/settings/teams/{cast.destek.id}", data={"name": "Muhasebe", "members": [cast.ayse.id]})
    assert taken.status_code == 409
    assert 'value="Muhasebe"' in taken.text and 'id="name-error"' in taken.text
    assert admin.post("/settings/teams/new", data={"name": " "}).status_code == 422
    db.session.expire_all()
    assert cast.destek.name == "Destek" and cast.destek.agents


def test_a_team_with_tickets_is_deleted_only_with_an_heir(admin: FlaskClient, cast: Cast) -> None:
    working, finished = cast.ticket(subject="1"), cast.ticket(subject="2")
    actions.assign(cast.ayse, working.id, cast.burak.id)
    actions.close(cast.ayse, finished.id)
    url = f"/settings/teams/{cast.destek.id}/deletion"
    assert admin.post(url).status_code == 409
    assert admin.post(url, data={"heir": str(cast.destek.id)}).status_code == 422
    assert admin.post(url, data={"heir": str(cast.muhasebe.id)}).status_code == 303
    db.session.expire_all()
    assert db.session.query(Team).filter_by(name="Destek").count() == 0
    assert {working.team_id, finished.team_id, cast.inbox.team_id} == {cast.muhasebe.id}
    assert working.assignee_id is None
    assert db.session.query(Entry).filter_by(kind="team", ticket_id=working.id).one().data["to"] == "Muhasebe"


def test_an_empty_team_is_deleted_without_an_heir(admin: FlaskClient, cast: Cast) -> None:
    assert admin.post(f"/settings/teams/{cast.muhasebe.id}/deletion").status_code == 303
    assert db.session.query(Team).count() == 1


def test_an_invited_agent_signs_in_with_the_password_shown_once(admin: FlaskClient, app: Flask, cast: Cast) -> None:
    data = {"email": "Gulsah@lodosev.example", "name": "Gülşah İnan", "role": "agent", "teams": [cast.destek.id]}
    response = admin.post("/settings/agents/new", data=data)
    assert response.status_code == 201
    agent = db.session.query(Agent).filter_by(email="gulsah@lodosev.example").one()
    password = response.text.split('<code class="raw">')[1].split("<")[0]
    assert is_password(agent, password)
    assert password not in admin.get(f"/settings/agents/{agent.id}").text
    fresh = app.test_client()
    assert fresh.post("/login", data={"email": agent.email, "password": password}).status_code == 303


def test_a_refused_agent_keeps_what_was_typed(admin: FlaskClient, cast: Cast) -> None:
    data = {"email": "burak@lodosev.example", "name": "Öteki Burak", "role": "lead", "teams": []}
    response = admin.post("/settings/agents/new", data=data)
    assert response.status_code == 409 and 'value="Öteki Burak"' in response.text and 'id="email-error"' in response.text
    assert admin.post("/settings/agents/new", data=data | {"email": "x"}).status_code == 422
    assert admin.post("/settings/agents/new", data=data | {"email": "x@y.example", "role": "king"}).status_code == 422


def test_role_and_teams_are_changed(admin: FlaskClient, cast: Cast) -> None:
    data = {"email": cast.burak.email, "name": "Burak Ö.", "role": "lead", "teams": [cast.muhasebe.id]}
    assert admin.post(f"/settings/agents/{cast.burak.id}", data=data).status_code == 303
    db.session.expire_all()
    assert (cast.burak.name, cast.burak.role, [team.name for team in cast.burak.teams]) == ("Burak Ö.", "lead", ["Muhasebe"])


def test_the_last_admin_stays_admin_and_active(admin: FlaskClient, cast: Cast) -> None:
    data = {"email": cast.ayse.email, "name": cast.ayse.name, "role": "lead", "teams": []}
    assert admin.post(f"/settings/agents/{cast.ayse.id}", data=data).status_code == 409
    assert admin.post(f"/settings/agents/{cast.ayse.id}/activation", data={"active": "0"}).status_code == 409
    db.session.expire_all()
    assert cast.ayse.is_admin and cast.ayse.active


def test_two_admins_who_leave_at_once_do_not_leave_nobody(app: Flask, cast: Cast) -> None:
    cast.elif_.role = "admin"
    db.session.commit()
    barrier, refused = Barrier(2), []

    def leave(agent_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                staff.set_active(staff.agent(agent_id), False)
            except Conflict as refusal:
                refused.append(refusal)

    threads = [Thread(target=leave, args=(agent_id,)) for agent_id in (cast.ayse.id, cast.elif_.id)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert db.session.query(Agent).filter_by(role="admin", active=True).count() == 1


def test_deactivating_ends_sessions_and_tokens_and_unassigns_tickets(admin: FlaskClient, app: Flask, cast: Cast) -> None:
    ticket, token = cast.ticket(), cast.token(cast.burak)
    actions.take(cast.burak, ticket.id)
    theirs = app.test_client()
    theirs.environ_base["HTTP_ACCEPT"] = "text/html"
    sign_in(theirs, cast.burak)
    assert admin.post(f"/settings/agents/{cast.burak.id}/activation", data={"active": "0"}).status_code == 303
    assert theirs.get("/inbox").status_code == 302
    assert theirs.post("/login", data={"email": cast.burak.email, "password": PASSWORD}).status_code == 401
    assert token and db.session.query(ApiToken).one().revoked_at is not None
    assert db.session.get_one(Ticket, ticket.id, populate_existing=True).assignee_id is None
    assert admin.post(f"/settings/agents/{cast.burak.id}/activation", data={"active": "1"}).status_code == 303
    sign_in(theirs, cast.burak)


def test_a_new_password_and_signing_out_everywhere_end_sessions(admin: FlaskClient, app: Flask, cast: Cast) -> None:
    theirs = app.test_client()
    theirs.environ_base["HTTP_ACCEPT"] = "text/html"
    sign_in(theirs, cast.burak)
    admin.post(f"/settings/agents/{cast.burak.id}/sessions/end")
    assert theirs.get("/inbox").status_code == 302
    response = admin.post(f"/settings/agents/{cast.burak.id}/password")
    assert response.status_code == 201
    assert theirs.post("/login", data={"email": cast.burak.email, "password": PASSWORD}).status_code == 401


def test_a_token_is_shown_once_works_and_is_revoked(admin: FlaskClient, app: Flask, cast: Cast) -> None:
    response = admin.post("/settings/tokens", data={"name": "web mağaza", "agent": str(cast.burak.id)})
    assert response.status_code == 201
    token = response.text.split('<code class="raw">')[1].split("<")[0]
    assert token not in admin.get("/settings/tokens").text
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/api/v1/tickets", headers=bearer).status_code == 200
    number = db.session.query(ApiToken).one().id
    assert admin.post(f"/settings/tokens/{number}/revocation").status_code == 303
    assert app.test_client().get("/api/v1/tickets", headers=bearer).status_code == 401
    assert admin.post("/settings/tokens", data={"name": "", "agent": str(cast.burak.id)}).status_code == 422
    assert admin.post("/settings/tokens", data={"name": "x", "agent": "999"}).status_code == 422
    assert admin.post("/settings/tokens/999/revocation").status_code == 404


def test_the_survey_is_switched_and_throttled(admin: FlaskClient, cast: Cast) -> None:
    assert admin.post("/settings/surveys/1", data={"name": "Memnuniyet", "throttle_days": "30"}).status_code == 303
    survey = db.session.query(Survey).one()
    assert (survey.name, survey.active, survey.throttle_days) == ("Memnuniyet", False, 30)
    refused = admin.post("/settings/surveys/1", data={"name": "", "throttle_days": "many", "active": "1"})
    assert refused.status_code == 422 and 'value="many"' in refused.text
    again = {"name": "Customer satisfaction", "throttle_days": "7", "active": "1"}
    assert admin.post("/settings/surveys/1", data=again).status_code == 303


def test_the_mail_is_previewed_in_a_page_where_nothing_runs(admin: FlaskClient) -> None:
    for language, words in (("en", "how was our support"), ("tr", "Merhaba")):
        response = admin.get(f"/settings/surveys/1/preview/{language}")
        assert words in response.text and "sandbox" in response.headers["Content-Security-Policy"]
    assert admin.get("/settings/surveys/1/preview/xx").status_code == 404
