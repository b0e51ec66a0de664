"""Settings: API tokens. A token is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from helpdesk.agents import actions, staff
from helpdesk.agents.models import Agent, ApiToken
from helpdesk.agents.session import guard, me
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers

pages = Blueprint("tokens", __name__, url_prefix="/settings/tokens")
pages.before_request(guard("admin"))


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> str:
    return _page()


@pages.get("/new")
def new() -> str:
    return _page(making=True)


@pages.post("")
def add() -> tuple[str, int]:
    """Make a token and show it: the only page on which it is ever seen."""
    name, chosen = request.form.get("name", ""), numbers([request.form.get("agent", "")])
    agent = db.session.get(Agent, chosen[0]) if chosen else None
    try:
        if agent is None or not agent.active:
            raise Invalid(_("This agent does not exist."), errors={"agent": [_("Choose another.")]})
        token = actions.add_token(agent, name)
    except Invalid as refusal:
        return _page(name=name, errors=refusal.errors, making=True), refusal.status
    return _page(token=token, making=True), 201


@pages.post("/<int:token_id>/revocation")
def revoke(token_id: int) -> Response:
    staff.revoke_token(token_id)
    flash(_("The token is revoked: programs that use it are refused from now on."), "done")
    return redirect(url_for("tokens.index"), 303)


def _page(*, name: str = "", errors: Mapping[str, list[str]] | None = None, token: str = "", making: bool = False) -> str:
    statement = select(ApiToken).options(joinedload(ApiToken.agent))
    rows = db.session.scalars(statement.order_by(ApiToken.revoked_at.is_not(None), ApiToken.id.desc())).all()
    everybody = db.session.scalars(select(Agent).where(Agent.active).order_by(Agent.name)).all()
    return render_template(
        "agents/tokens.html", rows=rows, everybody=everybody, name=name, errors=errors or {}, token=token, chosen=me().id,
        here="settings", section="tokens", making=making,
    )  # fmt: skip
