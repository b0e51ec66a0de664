"""What an agent was told, following a ticket, and whom a note can name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.agents.session import me, only_agents
from helpdesk.extensions import db
from helpdesk.notifications import actions, queries
from helpdesk.notifications.models import Notification
from helpdesk.tickets import queries as tickets

pages = Blueprint("notifications", __name__)
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals.update(told=told, rail_counts={"notifications": lambda: queries.unread(me())})


@pages.get("/notifications")
def index() -> str:
    rows = queries.newest(me(), before=request.args.get("before", type=int))
    older = rows[-1].id if len(rows) == queries.PAGE else None
    return render_template("notifications/index.html", rows=rows, older=older, here="notifications")


@pages.post("/notifications/read")
def read_all() -> Response:
    actions.read(me())
    return redirect(url_for("notifications.index"), 303)


@pages.post("/notifications/<int:notification_id>/read")
def read(notification_id: int) -> Response:
    """Mark it read and show its ticket."""
    actions.read(me(), notification_id)
    found = db.session.get(Notification, notification_id)
    if found is None or found.agent_id != me().id:
        return redirect(url_for("notifications.index"), 303)
    return redirect(url_for("tickets.ticket", number=found.ticket_id), 303)


@pages.put("/tickets/<int:number>/following")
def follow(number: int) -> tuple[str, int]:
    actions.set_following(me(), number, True)
    return "", 204


@pages.delete("/tickets/<int:number>/following")
def unfollow(number: int) -> tuple[str, int]:
    actions.set_following(me(), number, False)
    return "", 204


@pages.delete("/tickets/<int:number>/notifications")
def read_of_ticket(number: int) -> dict[str, int]:
    """What is on the screen has been read."""
    actions.read(me(), number=number)
    return {"unread": queries.unread(me())}


@pages.get("/tickets/<int:number>/people")
def people(number: int) -> dict[str, Any]:
    """Whom a note on this ticket can name: the agents who may see it, and its teams."""
    ticket = tickets.get(me(), number)
    statement = select(Agent).where(Agent.active).options(selectinload(Agent.teams)).order_by(Agent.name)
    agents = [agent for agent in db.session.scalars(statement) if sees_team(agent, ticket.team_id)]
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    shown = [team for team in teams if ticket.team_id in (None, team.id)]
    found = [{"id": f"agent:{agent.id}", "name": agent.name} for agent in agents if agent.id != me().id]
    return {"people": [*found, *({"id": f"team:{team.id}", "name": team.name} for team in shown)]}


def told(notification: Notification) -> str:
    """What a notification says."""
    who = notification.actor_name or _("Temas")
    return {
        "mentioned": _("%(who)s mentioned you", who=who),
        "assigned": _("%(who)s assigned it to you", who=who),
        "side_message": _("%(who)s answered in a side conversation", who=who),
        "delivery_failed": _("Your message did not reach %(recipient)s", recipient=notification.recipient),
        "delivery_unknown": _("Whether your message reached %(recipient)s is not known", recipient=notification.recipient),
        "stopped": _("Your scheduled reply was not sent: somebody answered first"),
        "reopened": _("It was reopened"),
        "replied": _("%(who)s replied", who=who),
        "followed": _("%(who)s wrote on a ticket that you follow", who=who),
    }[notification.kind]
