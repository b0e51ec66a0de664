"""Replies that are sent later, as the inbox's scripts ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Flask
from flask_babel import gettext as _

from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid
from helpdesk.scheduled import actions
from helpdesk.tickets.change_views import asked_body, chosen, optional_number, writing, written

pages = Blueprint("scheduled", __name__, url_prefix="/tickets/<int:number>/scheduled-replies")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.post("")
def schedule(number: int) -> tuple[dict[str, Any], int]:
    body = asked_body()
    seen, close = optional_number("seen_entry"), bool(body.get("close"))
    entry = actions.schedule(
        me(), number, writing(body), _instant(body), chosen=chosen(body), close=close, seen_entry=seen
    )  # fmt: skip
    return written(entry), 201


@pages.put("/<int:scheduled_id>")
def move(number: int, scheduled_id: int) -> dict[str, Any]:
    return {"scheduled": actions.move(me(), number, scheduled_id, _instant(asked_body())).id}


@pages.delete("/<int:scheduled_id>")
def cancel(number: int, scheduled_id: int) -> dict[str, Any]:
    """Take it back; answers with what its writer may want to go on with."""
    found = actions.cancel(me(), number, scheduled_id)
    return {"html": found.html, "text": found.text}


def _instant(body: dict[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(str(body.get("send_at")))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid(_("This is not a time."), errors={"send_at": [_("Choose a time.")]})
    return found
