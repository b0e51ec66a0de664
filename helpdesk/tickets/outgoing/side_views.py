"""Side conversations, as the inbox's scripts ask for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask

from helpdesk import settings
from helpdesk.agents.session import me, only_agents
from helpdesk.tickets import queries
from helpdesk.tickets.change_views import asked_body, chosen, optional_number, writing, written
from helpdesk.tickets.outgoing import side
from helpdesk.tickets.outgoing.composing import envelope_of

pages = Blueprint("side_conversations", __name__, url_prefix="/tickets")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/<int:number>/envelope")
def envelope(number: int) -> dict[str, Any]:
    """Whom an answer would go to now, and what would be sent below it."""
    return asdict(envelope_of(me(), queries.get(me(), number)))


@pages.post("/<int:number>/side-conversations")
def begin(number: int) -> tuple[dict[str, Any], int]:
    body, held = asked_body(), settings.current().undo_seconds
    opening = side.Opening(str(body.get("subject") or ""), writing(body), chosen(body), optional_number("forward"))
    return written(side.begin(me(), number, opening, undo_seconds=held)) | {"undo_seconds": held}, 201


@pages.post("/<int:number>/side-conversations/<int:side_id>/replies")
def answer(number: int, side_id: int) -> tuple[dict[str, Any], int]:
    body, held = asked_body(), settings.current().undo_seconds
    entry = side.answer(me(), number, side_id, writing(body), chosen(body), undo_seconds=held)
    return written(entry) | {"undo_seconds": held}, 201
