"""Settings: macros. Every agent makes his own; leads make what a team or everybody uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from helpdesk.agents import sharing
from helpdesk.agents.models import Agent, Team
from helpdesk.agents.session import me, only_agents
from helpdesk.canned import queries as canned_replies
from helpdesk.canned import variables
from helpdesk.canned.render import examples
from helpdesk.errors import Forbidden, Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers
from helpdesk.macros import actions, queries, steps
from helpdesk.macros.actions import Form
from helpdesk.macros.models import Macro
from helpdesk.macros.run import plan
from helpdesk.macros.sentences import sentences
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import PRIORITIES
from helpdesk.tickets.sentences import PRIORITY, STATUS

pages = Blueprint("macro_settings", __name__, url_prefix="/settings/macros")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> str:
    return render_template("macros/index.html", **_list())


@pages.get("/new")
def new() -> str:
    return _page(None, Form(""))


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    return _saved(None)


@pages.get("/<int:macro_id>")
def edit(macro_id: int) -> str:
    macro = queries.get(me(), macro_id)
    return _page(macro, actions.form_of(macro))


@pages.post("/<int:macro_id>")
def save(macro_id: int) -> Response | tuple[str, int]:
    return _saved(queries.get(me(), macro_id))


@pages.post("/<int:macro_id>/deletion")
def delete(macro_id: int) -> Response:
    actions.delete(me(), macro_id)
    flash(_("The macro is deleted."), "done")
    return redirect(url_for("macro_settings.index"), 303)


@pages.post("/preview")
def preview() -> dict[str, Any]:
    """What the macro that is being written would do to a real ticket."""
    form, chosen = _typed(), numbers([request.form.get("ticket", "")])
    if not chosen:
        return {"html": "", "text": "", "problems": [], "does": []}
    ticket = tickets.get(me(), chosen[0])
    try:
        canned = canned_replies.get(me(), form.canned_id) if form.canned_id else None
        wanted = plan(me(), ticket, Macro(steps=steps.checked(form.steps), canned=canned))
    except Invalid as refusal:
        wrong = [sentence for each in refusal.errors.values() for sentence in each]
        return {"html": "", "text": "", "problems": wrong or [refusal.detail], "does": []}
    problems = [problem for written in (wanted.reply, wanted.note) if written for problem in written.problems]
    html = wanted.reply.html if wanted.reply else ""
    return {"html": html, "text": "", "problems": problems, "does": sentences(ticket, wanted)}


def _saved(macro: Macro | None) -> Response | tuple[str, int]:
    macro_id, form = macro.id if macro else None, _typed()
    try:
        kept = actions.change(me(), macro_id, form) if macro_id is not None else actions.add(me(), form)
    except (Invalid, Forbidden) as refusal:
        db.session.rollback()
        again = queries.get(me(), macro_id) if macro_id is not None else None
        return _page(again, form, refusal.errors or {"visibility": [refusal.detail]}), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("macro_settings.edit", macro_id=kept.id), 303)


def _typed() -> Form:
    form = request.form
    found: dict[str, Any] = {name: form[name] for name in ("status", "priority") if form.get(name)}
    for name in ("assignee", "team"):
        if value := form.get(name):
            found[name] = None if value == "none" else steps.ME if value == steps.ME else next(iter(numbers([value])), 0)
    found |= {name: form.get(name, "").split(",") for name in ("add_tags", "remove_tags")}
    found |= {name: form.get(name, "") for name in ("note", "reply")}
    visibility, team_id = sharing.read_choice(form.get("visibility", ""))
    canned = next(iter(numbers([form.get("canned", "")])), None)
    return Form(form.get("name", ""), found, visibility, team_id, form.get("key", ""), canned)


def _page(macro: Macro | None, form: Form, errors: Mapping[str, list[str]] | None = None) -> str:
    chosen = f"team:{form.team_id}" if form.visibility == "team" else form.visibility
    return render_template(
        "macros/form.html", macro=macro, form=form, chosen=chosen, choices=sharing.choices(me()), errors=errors or {},
        options=_options(), tickets=examples(me()), may_change=macro is None or sharing.may_change(me(), macro),
        variables=[variables.written(name) for name in variables.NAMES], **_list(),
    )  # fmt: skip


def _options() -> dict[str, list[tuple[Any, str]]]:
    """What each select offers, as value and words; the first leaves the ticket as it is."""
    leave = ("", _("Leave it"))
    agents = db.session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)).all()
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    return {
        "status": [leave, *((name, str(words)) for name, words in STATUS.items() if name != "new")],
        "priority": [leave, *((name, str(PRIORITY[name])) for name in PRIORITIES)],
        "assignee": [leave, (steps.ME, _("Who runs it")), ("none", _("Nobody")), *((one.id, one.name) for one in agents)],
        "team": [leave, ("none", _("No team")), *((one.id, one.name) for one in teams)],
        "key": [("", _("No key of its own")), *((digit, digit) for digit in "123456789")],
        "canned": [("", _("No canned reply")), *((one.id, one.name) for one in canned_replies.all_of(me()))],
    }


def _list() -> dict[str, Any]:
    return {"rows": queries.all_of(me()), "here": "settings", "section": "macros"}
