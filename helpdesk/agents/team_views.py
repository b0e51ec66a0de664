"""Settings: teams. Leads may look; admins change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from helpdesk.agents import actions, staff
from helpdesk.agents.models import Agent, Team
from helpdesk.agents.session import guard, me
from helpdesk.errors import Conflict, Forbidden, Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers
from helpdesk.tickets.outgoing import handover

pages = Blueprint("teams", __name__, url_prefix="/settings/teams")
pages.before_request(guard("lead"))


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.before_request
def _only_admins_write() -> None:
    if request.method == "POST" and not me().is_admin:
        raise Forbidden(_("Only an admin can change teams."))


@pages.get("")
def index() -> str:
    return render_template("agents/teams.html", **_list())


@pages.get("/new")
def new() -> str:
    return _page(None, {"name": "", "members": []})


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    try:
        team = actions.add_team(request.form.get("name", ""))
        staff.change_team(team, team.name, numbers(request.form.getlist("members")))
    except (Invalid, Conflict) as refusal:
        return _page(None, _typed(), refusal.errors or {"name": [refusal.detail]}), refusal.status
    flash(_("The team is made."), "done")
    return redirect(url_for("teams.edit", team_id=team.id), 303)


@pages.get("/<int:team_id>")
def edit(team_id: int) -> str:
    team = staff.team(team_id)
    return _page(team, {"name": team.name, "members": [agent.id for agent in team.agents]})


@pages.post("/<int:team_id>")
def save(team_id: int) -> Response | tuple[str, int]:
    team = staff.team(team_id)
    try:
        staff.change_team(team, request.form.get("name", ""), numbers(request.form.getlist("members")))
    except (Invalid, Conflict) as refusal:
        db.session.rollback()
        return _page(staff.team(team_id), _typed(), refusal.errors or {"name": [refusal.detail]}), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("teams.edit", team_id=team_id), 303)


@pages.post("/<int:team_id>/deletion")
def delete(team_id: int) -> Response | tuple[str, int]:
    heir = numbers([request.form.get("heir", "")])
    try:
        handover.dissolve(me(), team_id, heir[0] if heir else None)
    except (Invalid, Conflict) as refusal:
        team = staff.team(team_id)
        values = {"name": team.name, "members": [agent.id for agent in team.agents]}
        return _page(team, values, refusal.errors), refusal.status
    flash(_("The team is deleted."), "done")
    return redirect(url_for("teams.index"), 303)


def _page(team: Team | None, values: Mapping[str, Any], errors: Mapping[str, list[str]] | None = None) -> str:
    everybody = db.session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)).all()
    tickets = handover.tickets_of_team(team.id) if team else 0
    return render_template(
        "agents/team.html", team=team, values=values, everybody=everybody, tickets=tickets, errors=errors or {}, **_list()
    )


def _typed() -> Mapping[str, Any]:
    return {"name": request.form.get("name", ""), "members": numbers(request.form.getlist("members"))}


def _list() -> dict[str, Any]:
    teams = db.session.scalars(select(Team).options(selectinload(Team.agents)).order_by(Team.name)).all()
    return {"rows": teams, "here": "settings", "section": "teams"}
