"""Settings: inboxes. The form is generated from what the channel declares; testing it saves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from channels import registry
from helpdesk import settings
from helpdesk.agents.models import Team
from helpdesk.agents.session import guard, me
from helpdesk.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.extensions import db, limiter
from helpdesk.inboxes import actions, consenting, problems, quarantine
from helpdesk.inboxes.check import Outcome, check
from helpdesk.inboxes.form import Form
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import Delivery

pages = Blueprint("inboxes", __name__, url_prefix="/settings/inboxes")
pages.before_request(guard("admin"))


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> str:
    return render_template("inboxes/index.html", **_list())


@pages.get("/new/<kind>")
def new(kind: str) -> str:
    return _page(Form.empty(_known(kind), request.args.get("preset")))


@pages.post("/new/<kind>")
def add(kind: str) -> Response | tuple[str, int]:
    form = Form.typed(_known(kind), request.form)
    try:
        inbox = actions.add(
            kind, form.name, form.address, team_id=_team(form), values=form.values, language=form.language
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _page(form, errors=_errors(refusal)), refusal.status
    if consenting.standing(inbox):
        flash(_("The inbox is saved. Now connect it: the provider asks for consent."), "done")
    else:
        flash(_("The inbox is saved and will be connected within seconds."), "done")
    return redirect(url_for("inboxes.edit", inbox_id=inbox.id), 303)


@pages.get("/<int:inbox_id>")
def edit(inbox_id: int) -> str:
    inbox = load(inbox_id)
    return _page(Form.of(inbox), inbox)


@pages.post("/<int:inbox_id>")
def save(inbox_id: int) -> Response | tuple[str, int]:
    inbox = load(inbox_id)
    form = Form.typed(inbox.channel, request.form)
    try:
        changes = {"name": form.name, "address": form.address, "team_id": _team(form), "language": form.language}
        actions.change(inbox, changes | {"enabled": form.enabled}, form.values)
    except (Invalid, Conflict) as refusal:
        return _page(form, load(inbox_id), _errors(refusal)), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("inboxes.edit", inbox_id=inbox_id), 303)


@pages.get("/<int:inbox_id>/tested")
@limiter.limit("30 per minute")
def tested(inbox_id: int) -> str:
    """The inbox, tested as it is saved: where a consent that was just given leads."""
    inbox = load(inbox_id)
    form = Form.of(inbox)
    outcome, errors = _tried(replace(form, send_test=False), inbox)
    return _page(form, load(inbox_id), errors, outcome)


@pages.post("/new/<kind>/test", defaults={"inbox_id": None})
@pages.post("/<int:inbox_id>/test", defaults={"kind": None})
@limiter.limit("30 per minute")
def test(kind: str | None, inbox_id: int | None) -> str:
    """Test the typed values: the panel alone for a frame, the whole page with what was typed otherwise."""
    inbox = load(inbox_id) if inbox_id is not None else None
    form = Form.typed(inbox.channel if inbox else _known(kind or ""), request.form)
    outcome, errors = _tried(form, inbox)
    if request.headers.get("Turbo-Frame"):
        return render_template("inboxes/_tested.html", **_tested(form, inbox, outcome), errors=errors)
    return _page(form, inbox, errors, outcome)


def _tried(form: Form, inbox: Inbox | None) -> tuple[Outcome | None, Mapping[str, list[str]]]:
    send_to = me().email if form.send_test else None
    try:
        outcome = check(form.channel, form.address, form.values, saved=inbox, send_to=send_to)
    except Invalid as refusal:
        return None, refusal.errors
    if inbox is not None and not outcome.failed:
        actions.try_again(inbox)
    return outcome, {}


def _page(
    form: Form, inbox: Inbox | None = None, errors: Mapping[str, list[str]] | None = None, outcome: Outcome | None = None
) -> str:
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    hook = f"{settings.current().public_url}/hooks/{inbox.key}" if inbox and not form.kind.capabilities.listens else ""
    parts = {**_list(), **_tested(form, inbox, outcome), **_consent(form, inbox)}
    return render_template("inboxes/form.html", teams=teams, hook=hook, errors=errors or {}, **parts)


def _consent(form: Form, inbox: Inbox | None) -> dict[str, Any]:
    """What the page says of consent, for a channel that can be let in by it."""
    if not form.consents:
        return {"standing": None, "redirect_uri": ""}
    return {"standing": consenting.standing(inbox) if inbox else None, "redirect_uri": consenting.redirect_uri()}


def _tested(form: Form, inbox: Inbox | None, outcome: Outcome | None) -> dict[str, Any]:
    waiting = _waiting(inbox.id) if inbox else 0
    return {
        "form": form,
        "inbox": inbox,
        "outcome": outcome,
        "troubles": outcome.troubles(waiting) if outcome else _present_troubles(inbox, waiting),
    }


def _present_troubles(inbox: Inbox | None, waiting: int) -> list[problems.Trouble]:
    """What is wrong with a saved inbox right now."""
    if inbox is None or not inbox.enabled:
        return []
    found = []
    if inbox.receive_state == "failing":
        found.append(problems.trouble("receive", inbox.receive_code, inbox.receive_detail))
    if inbox.send_state == "failing":
        found.append(problems.trouble("send", inbox.send_code, inbox.send_detail, waiting))
    return found


def _list() -> dict[str, Any]:
    found = db.session.scalars(select(Inbox).order_by(Inbox.name, Inbox.id)).all()
    bad = quarantine.counts()
    rows = [(inbox, problems.state(inbox, bad.get(inbox.id, 0))) for inbox in found]
    return {"rows": rows, "kinds": registry.kinds(), "here": "settings", "section": "inboxes"}


def _waiting(inbox_id: int) -> int:
    statement = select(func.count()).where(Delivery.inbox_id == inbox_id, Delivery.status == "queued")
    return db.session.scalar(statement) or 0


def _team(form: Form) -> int | None:
    """The chosen team, if it exists. Raises Invalid."""
    if not form.team:
        return None
    if not form.team.isdecimal() or db.session.get(Team, int(form.team)) is None:
        raise Invalid(_("This team does not exist."), errors={"team": [_("Choose another.")]})
    return int(form.team)


def _errors(refusal: HelpdeskError) -> Mapping[str, list[str]]:
    return refusal.errors or {"address": [refusal.detail]}


def _known(kind: str) -> str:
    if kind not in registry.kinds():
        raise NotFound(_("There is no such channel."))
    return kind


def load(inbox_id: int) -> Inbox:
    inbox = db.session.get(Inbox, inbox_id)
    if inbox is None:
        raise NotFound(_("This inbox does not exist."))
    return inbox
