"""What a signature looks like while it is written."""

from __future__ import annotations

from flask import Blueprint, Flask, request
from flask_babel import gettext as _

from helpdesk import signatures
from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid

pages = Blueprint("signatures", __name__)
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals.update(signature_variables=signatures.names)


@pages.post("/signature")
def preview() -> dict[str, str]:
    """The template filled in for the agent himself, with an example for the rest; or why it cannot be, as a sentence."""
    form = request.form
    own = signatures.render(me().signature, _values("")) if "own" not in form else ""
    try:
        return {"text": signatures.render(signatures.checked(form.get("template", "")), _values(own)), "problem": ""}
    except Invalid as refusal:  # half-typed is the usual state of what is previewed
        return {"text": "", "problem": refusal.detail}


def _values(own: str) -> dict[str, dict[str, str]]:
    agent, form = me(), request.form
    return {
        "agent": {"name": agent.name, "email": agent.email, "signature": own},
        "team": {"name": agent.teams[0].name if agent.teams else _("Team")},
        "inbox": {"name": form.get("name") or _("Inbox"), "address": form.get("address") or agent.email},
        "ticket": {"number": "1042"},
    }
