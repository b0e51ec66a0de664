"""Why a message landed here, its original source, and the decisions that headers cannot make."""

from __future__ import annotations

import io

from flask import Blueprint, Flask, Response, make_response, render_template, request, send_file
from flask_babel import gettext as _

from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid
from helpdesk.inboxes.models import Received
from helpdesk.tickets.incoming import offers, sources

pages = Blueprint("origins", __name__, url_prefix="/tickets/<int:number>")
pages.before_request(only_agents)

SHOWN_BYTES = 262_144
SOURCE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/messages/<int:message_id>/details")
def details(number: int, message_id: int) -> str:
    found = sources.details(me(), number, message_id)
    return render_template(
        "tickets/details.html",
        message=found.message,
        received=found.received,
        incoming=found.incoming,
        unread=found.unread,
    )


@pages.get("/messages/<int:message_id>/source")
def source(number: int, message_id: int) -> Response:
    return as_text(sources.received(me(), number, message_id))


@pages.get("/messages/<int:message_id>/source.eml")
def download(number: int, message_id: int) -> Response:
    return as_file(sources.received(me(), number, message_id), f"{number}-{message_id}.eml")


@pages.put("/offers/<int:entry_id>")
def decide(number: int, entry_id: int) -> dict[str, str | int]:
    body = request.get_json(silent=True)
    answer = body.get("answer") if isinstance(body, dict) else None
    if answer not in (offers.OPEN, offers.ACCEPTED, offers.DECLINED):
        raise Invalid(_("There is no such answer."), errors={"answer": [_("Choose one of the list.")]})
    return {"entry": offers.decide(me(), number, entry_id, answer).id, "answer": answer}


def as_text(row: Received) -> Response:
    """The first SHOWN_BYTES exactly as they came, as text that no browser interprets."""
    text = bytes(row.raw[:SHOWN_BYTES]).decode("utf-8", "replace")
    if (rest := row.size - SHOWN_BYTES) > 0:
        text += "\n\n" + _("… and %(bytes)s more bytes: save the whole mail to see them.", bytes=rest)
    response = make_response(text)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return _guarded(response)


def as_file(row: Received, name: str) -> Response:
    """The bytes exactly as they came, to be saved."""
    data = io.BytesIO(bytes(row.raw))
    return _guarded(send_file(data, mimetype="application/octet-stream", as_attachment=True, download_name=name))


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = SOURCE_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
