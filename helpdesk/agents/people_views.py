"""Settings: agents. A new password is shown once, to be told to the agent; nobody can read it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from helpdesk.agents import staff
from helpdesk.agents.models import ROLES, Agent, Team
from helpdesk.agents.session import guard, me
from helpdesk.errors import Conflict, HelpdeskError, Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers
from helpdesk.tickets.outgoing import handover

pages = Blueprint("people", __name__, url_prefix="/settings/agents")
pages.before_request(guard("admin"))


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> str:
    return render_template("agents/people.html", **_list())


@pages.get("/new")
def new() -> str:
    return _page(None, {"role": "agent", "teams": []})


@pages.post("/new")
def add() -> tuple[str, int]:
    typed = _typed()
    try:
        agent, password = staff.invite(typed["email"], typed["name"], typed["role"], typed["teams"])
    except (Invalid, Conflict) as refusal:
        return _page(None, typed, _errors(refusal)), refusal.status
    return _page(agent, _values(agent), password=password), 201


@pages.get("/<int:agent_id>")
def edit(agent_id: int) -> str:
    agent = staff.agent(agent_id)
    return _page(agent, _values(agent))


@pages.post("/<int:agent_id>")
def save(agent_id: int) -> Response | tuple[str, int]:
    typed = _typed()
    try:
        staff.change_agent(
            staff.agent(agent_id), email=typed["email"], name=typed["name"], role=typed["role"], team_ids=typed["teams"]
        )
    except (Invalid, Conflict) as refusal:
        db.session.rollback()
        return _page(staff.agent(agent_id), typed, _errors(refusal)), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("people.edit", agent_id=agent_id), 303)


@pages.post("/<int:agent_id>/password")
def reset_password(agent_id: int) -> tuple[str, int]:
    agent = staff.agent(agent_id)
    password = staff.new_password(agent)
    return _page(agent, _values(agent), password=password), 201


@pages.post("/<int:agent_id>/sessions/end")
def sign_out(agent_id: int) -> Response:
    staff.sign_out_everywhere(staff.agent(agent_id))
    flash(_("Signed out everywhere."), "done")
    return redirect(url_for("people.edit", agent_id=agent_id), 303)


@pages.post("/<int:agent_id>/activation")
def activate(agent_id: int) -> Response | tuple[str, int]:
    agent, active = staff.agent(agent_id), request.form.get("active") == "1"
    try:
        staff.set_active(agent, active)
    except Conflict as refusal:
        return _page(agent, _values(agent), refusal.errors), refusal.status
    released = 0 if active else handover.release(me(), agent)
    flash(_("Active again.") if active else _("Deactivated; %(n)s tickets were unassigned.", n=released), "done")
    return redirect(url_for("people.edit", agent_id=agent_id), 303)


def _page(
    agent: Agent | None, values: Mapping[str, Any], errors: Mapping[str, list[str]] | None = None, password: str = ""
) -> str:
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    return render_template(
        "agents/person.html", person=agent, values=values, teams=teams, roles=ROLES, errors=errors or {},
        password=password, **_list(),
    )  # fmt: skip


def _typed() -> dict[str, Any]:
    form = request.form
    return {name: form.get(name, "") for name in ("email", "name", "role")} | {"teams": numbers(form.getlist("teams"))}


def _values(agent: Agent) -> dict[str, Any]:
    return {"email": agent.email, "name": agent.name, "role": agent.role, "teams": [team.id for team in agent.teams]}


def _errors(refusal: HelpdeskError) -> Mapping[str, list[str]]:
    return refusal.errors or {"email": [refusal.detail]}


def _list() -> dict[str, Any]:
    statement = select(Agent).options(selectinload(Agent.teams)).order_by(Agent.active.desc(), Agent.name)
    return {"rows": db.session.scalars(statement).all(), "here": "settings", "section": "people"}
