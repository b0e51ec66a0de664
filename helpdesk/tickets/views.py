"""The inbox and the ticket: pages, and the fragments that their scripts ask for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from helpdesk import live
from helpdesk.agents.access import seeing
from helpdesk.agents.models import Agent, Team
from helpdesk.agents.session import me, only_agents
from helpdesk.customers.models import Customer
from helpdesk.extensions import db
from helpdesk.macros import queries as macros
from helpdesk.notifications import queries as notifications
from helpdesk.sla.models import Deadline
from helpdesk.tickets import queries, queues
from helpdesk.tickets.entries import entries_of
from helpdesk.tickets.incoming import suspended
from helpdesk.tickets.merging import links, unmerge
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outgoing.composing import composer_of
from helpdesk.tickets.rows import rows_of

pages = Blueprint("tickets", __name__)
pages.before_request(only_agents)
OTHERS = 8  # tickets of the same customer beside an open one


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals.update(customer_url=customer_url)


@pages.get("/")
def home() -> Response:
    return redirect(url_for("tickets.inbox"))


@pages.get("/inbox")
def inbox() -> str:
    seen = live.mark()
    number = request.args.get("ticket", type=int)
    context = _ticket_context(number) if number else {"ticket": None}
    if request.headers.get("Turbo-Frame") == "ticket":
        return render_template("tickets/frame.html", seen=seen, **context)
    name = request.args.get("view", "open")
    page, view = queues.page(me(), name), queues.VIEWS[name]
    return render_template(
        "tickets/inbox.html", here="mine" if name == "mine" else "inbox", view=view, page=page, rows=rows_of(page.ids),
        views=queues.VIEWS, counts=_counts(), seen=seen, **context,
    )  # fmt: skip


@pages.get("/inbox/rows")
def rows() -> str:
    page = queues.page(me(), request.args.get("view", "open"), after=request.args.get("after") or None)
    return render_template("tickets/_rows.html", page=page, rows=rows_of(page.ids))


@pages.get("/inbox/counts")
def counts() -> dict[str, Any]:
    return {"counts": _counts()}


@pages.get("/tickets/<int:number>")
def ticket(number: int) -> str:
    template = "tickets/frame.html" if request.headers.get("Turbo-Frame") == "ticket" else "tickets/ticket.html"
    seen = live.mark()
    return render_template(template, here="inbox", seen=seen, **_ticket_context(number))


@pages.get("/tickets/<int:number>/head")
def head(number: int) -> str:
    found = queries.get(me(), number)
    return render_template("tickets/_head.html", ticket=found, **_people(found))


@pages.get("/tickets/<int:number>/context")
def context(number: int) -> str:
    return render_template("tickets/_context.html", **_context_pane(queries.get(me(), number)))


@pages.get("/tickets/<int:number>/entries")
def entries(number: int) -> str:
    before, after = (request.args.get(name, type=int) for name in ("before", "after"))
    most = queries.TIMELINE_PAGE if after is None else queries.MISSED_PAGE
    found = entries_of(me(), queries.get(me(), number), before=before, after=after, limit=most)
    has_older = before is not None and len(found) == queries.TIMELINE_PAGE
    return render_template("tickets/_entries.html", entries=found, has_older=has_older)


def customer_url(customer: Customer) -> str:
    """The customer's page, or nothing in an installation without it."""
    try:
        return url_for("customers.customer", customer_id=customer.id)
    except BuildError:
        return ""


def _counts() -> dict[str, str]:
    found = {**queues.counts(me()), "suspended": suspended.count(me())}
    return {name: str(count) if count < queues.COUNTED else "999+" for name, count in found.items()}


def _ticket_context(number: int) -> dict[str, Any]:
    """Everything that an open ticket shows, in a fixed number of queries."""
    ticket = queries.get(me(), number)
    found = entries_of(me(), ticket)
    thread = {"entries": found, "has_older": len(found) == queries.TIMELINE_PAGE}
    return _people(ticket) | _context_pane(ticket) | thread | {"composer": composer_of(me(), ticket)}


def _context_pane(ticket: Ticket) -> dict[str, Any]:
    """What stands beside the conversation."""
    deadlines = db.session.scalars(select(Deadline).where(Deadline.ticket_id == ticket.id).order_by(Deadline.id)).all()
    others = queries.others_of(me(), ticket, OTHERS)
    return {
        "ticket": ticket, "deadlines": _newest_of_each_kind(deadlines), "others": others, "me": me(),
        "links": links.of(me(), ticket), "followers": notifications.followers(ticket),
    }  # fmt: skip


def _newest_of_each_kind(deadlines: Any) -> list[Deadline]:
    newest = {one.kind: one for one in deadlines if one.ended_at is None or one.met is not None}
    return sorted(newest.values(), key=lambda one: (one.ended_at is not None, one.due_at))


def _people(ticket: Ticket) -> dict[str, Any]:
    """Who the ticket may be given to, only agents who would see it; and what else its head must know."""
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    agents = db.session.scalars(select(Agent).where(Agent.active, seeing(ticket.team_id)).order_by(Agent.name)).all()
    family = {"merge": unmerge.of(ticket), "open_children": links.open_children(ticket)}
    return {"me": me(), "agents": agents, "teams": teams, "macros": macros.offered(me()), **family}
