"""Settings: canned replies. Every agent writes his own; leads write what a team or everybody uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from helpdesk import written_html
from helpdesk.agents import sharing
from helpdesk.agents.session import me, only_agents
from helpdesk.canned import actions, queries, variables
from helpdesk.canned.actions import Form
from helpdesk.canned.models import CannedReply
from helpdesk.canned.render import examples, filled
from helpdesk.errors import Conflict, Forbidden, Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers
from helpdesk.i18n import LANGUAGES
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Attachment

pages = Blueprint("canned_settings", __name__, url_prefix="/settings/canned-replies")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals.update(shared_with=sharing.label)


@pages.get("")
def index() -> str:
    return render_template("canned/index.html", **_list())


@pages.get("/new")
def new() -> str:
    return _page(None, Form("", {}))


@pages.post("/new")
def add() -> Response | tuple[str, int]:
    return _saved(None)


@pages.get("/<int:canned_id>")
def edit(canned_id: int) -> str:
    canned = queries.get(me(), canned_id)
    return _page(canned, actions.form_of(canned))


@pages.post("/<int:canned_id>")
def save(canned_id: int) -> Response | tuple[str, int]:
    return _saved(queries.get(me(), canned_id))


@pages.post("/<int:canned_id>/deletion")
def delete(canned_id: int) -> Response:
    try:
        actions.delete(me(), canned_id)
    except Conflict as refusal:
        flash(refusal.detail, "late")
        return redirect(url_for("canned_settings.edit", canned_id=canned_id), 303)
    flash(_("The canned reply is deleted."), "done")
    return redirect(url_for("canned_settings.index"), 303)


@pages.post("/preview")
def preview() -> dict[str, Any]:
    """What is being written, filled in for a real ticket, with everything that is wrong with it."""
    html = written_html.clean_written(request.form.get("html", "")[: actions.MOST_CHARS])
    wrong = variables.problems(html)
    chosen = numbers([request.form.get("ticket", "")])
    if not chosen:
        return {"html": html, "text": "", "problems": wrong}
    result = filled(me(), tickets.get(me(), chosen[0]), html, "", marking=True)
    return {"html": result.html, "text": result.text, "problems": [*wrong, *([] if wrong else result.problems)]}


def _saved(canned: CannedReply | None) -> Response | tuple[str, int]:
    canned_id, form = canned.id if canned else None, _typed()
    try:
        kept = actions.change(me(), canned_id, form) if canned_id is not None else actions.add(me(), form)
    except (Invalid, Forbidden) as refusal:
        db.session.rollback()
        again = queries.get(me(), canned_id) if canned_id is not None else None
        return _page(again, form, refusal.errors or {"visibility": [refusal.detail]}), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("canned_settings.edit", canned_id=kept.id), 303)


def _typed() -> Form:
    form = request.form
    visibility, team_id = sharing.read_choice(form.get("visibility", ""))
    texts = {name.removeprefix("text_"): value for name, value in form.items() if name.startswith("text_")}
    return Form(
        form.get("name", ""), texts, visibility, team_id, form.get("folder", ""), form.get("shortcut", ""),
        numbers(form.getlist("files")),
    )  # fmt: skip


def _page(canned: CannedReply | None, form: Form, errors: Mapping[str, list[str]] | None = None) -> str:
    chosen = f"team:{form.team_id}" if form.visibility == "team" else form.visibility
    languages = [*LANGUAGES, *(code for code in form.texts if code not in LANGUAGES)]
    return render_template(
        "canned/form.html", canned=canned, form=form, chosen=chosen, choices=sharing.choices(me()), errors=errors or {},
        tongues=[(code, LANGUAGES.get(code, code)) for code in languages], tickets=examples(me()),
        variables=[variables.written(name) for name in variables.NAMES], files=_files(form.files),
        may_change=canned is None or sharing.may_change(me(), canned), **_list(),
    )  # fmt: skip


def _files(ids: Sequence[int]) -> list[dict[str, Any]]:
    """The form's files as its script shows them: of the agent's own, and of the reply that he is looking at."""
    found = db.session.scalars(select(Attachment).where(Attachment.id.in_(ids), Attachment.message_id.is_(None)))
    return [{"id": file.id, "filename": file.filename, "size": file.size, "inline": False} for file in found]


def _list() -> dict[str, Any]:
    return {"rows": queries.all_of(me()), "here": "settings", "section": "canned"}
