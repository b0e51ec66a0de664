"""What the inbox's scripts ask to be done to a ticket, as JSON: one verb each. What it changed is pushed to every screen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext as _
from markupsafe import escape

from helpdesk import settings
from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid
from helpdesk.tickets import actions
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.outgoing import composing, deliveries
from helpdesk.tickets.outgoing import reply as replies
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing

changes = Blueprint("ticket_changes", __name__, url_prefix="/tickets")
changes.before_request(only_agents)

Answer = dict[str, Any]


def install(app: Flask) -> None:
    app.register_blueprint(changes)


@changes.post("/next")
def take_next() -> Answer | tuple[str, int]:
    ticket = actions.take_next(me())
    return _changed(ticket) if ticket else ("", 204)


@changes.put("/<int:number>/status")
def set_status(number: int) -> Answer:
    return _changed(actions.set_status(me(), number, str(_asked("status"))))


@changes.put("/<int:number>/priority")
def set_priority(number: int) -> Answer:
    return _changed(actions.set_priority(me(), number, str(_asked("priority"))))


@changes.put("/<int:number>/assignment")
def assign(number: int) -> Answer:
    return _changed(actions.assign(me(), number, optional_number("assignee")))


@changes.put("/<int:number>/team")
def set_team(number: int) -> Answer:
    return _changed(actions.set_team(me(), number, optional_number("team")))


@changes.put("/<int:number>/tags")
def set_tags(number: int) -> Answer:
    tags = _asked("tags")
    if not isinstance(tags, list):
        raise Invalid(_("Tags are a list of words."))
    return _changed(actions.set_tags(me(), number, [str(tag) for tag in tags]))


@changes.put("/<int:number>/unread")
def mark_unread(number: int) -> Answer:
    return _changed(actions.mark_unread(me(), number, True))


@changes.delete("/<int:number>/unread")
def mark_read(number: int) -> Answer:
    return _changed(actions.mark_unread(me(), number, False))


@changes.post("/<int:number>/replies")
def reply(number: int) -> tuple[Answer, int]:
    body = asked_body()
    held = settings.current().undo_seconds
    seen, close = optional_number("seen_entry"), bool(body.get("close"))
    entry = replies.reply(me(), number, writing(body), chosen=chosen(body), close=close, seen_entry=seen, undo_seconds=held)
    return written(entry) | {"undo_seconds": held}, 201


@changes.post("/<int:number>/notes")
def note(number: int) -> tuple[Answer, int]:
    return written(replies.note(me(), number, writing(asked_body()))), 201


@changes.delete("/<int:number>/messages/<int:message_id>")
def undo(number: int, message_id: int) -> Answer:
    return {"message": deliveries.undo(me(), number, message_id).id}


@changes.post("/<int:number>/deliveries/<int:delivery_id>/retry")
def retry(number: int, delivery_id: int) -> Answer:
    return {"delivery": deliveries.retry(me(), number, delivery_id).id}


@changes.put("/<int:number>/draft")
def keep_draft(number: int) -> tuple[str, int]:
    body = asked_body()
    html = str(body.get("html") or "") or f"<p>{escape(str(body.get('text') or ''))}</p>"
    composing.keep_draft(me(), number, str(body.get("kind")), html, optional_number("sequence") or 0)
    return "", 204


@changes.delete("/<int:number>/draft")
def drop_draft(number: int) -> tuple[str, int]:
    sequence = request.args.get("sequence", 0, type=int)
    composing.drop_draft(me(), number, min(sequence, 2**63 - 1))
    return "", 204


def asked_body() -> dict[str, Any]:
    """The JSON object of the request. Raises Invalid."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Invalid(_("The request has no readable body."))
    return body


def _asked(name: str) -> Any:
    return asked_body().get(name)


def optional_number(name: str) -> int | None:
    """A number of the request's body, if it is there. Raises Invalid."""
    value = _asked(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63):
        return value
    raise Invalid(_("“%(name)s” must be a number.", name=name), errors={name: [_("Send a number.")]})


def chosen(body: dict[str, Any]) -> Chosen:
    """The recipients that the body names. Raises Invalid."""
    return Chosen(_addresses(body, "to") or None, _addresses(body, "cc"), _addresses(body, "bcc"))


def writing(body: dict[str, Any]) -> Writing:
    """What the body says that was written. Raises Invalid."""
    uploads = body.get("uploads") or []
    if not (isinstance(uploads, list) and all(isinstance(one, int) for one in uploads)):
        raise Invalid(_("Attached files are named by their numbers."), errors={"uploads": [_("Attach the files again.")]})
    return Writing(text=str(body.get("text") or ""), html=str(body.get("html") or ""), uploads=uploads)


def _addresses(body: dict[str, Any], name: str) -> list[str] | None:
    given = body.get(name)
    if given is None or (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        return given
    raise Invalid(_("“%(name)s” must be a list of addresses.", name=name), errors={name: [_("Send a list.")]})


def _changed(ticket: Ticket) -> Answer:
    return {"number": ticket.number, "version": ticket.version}


def written(entry: Entry) -> Answer:
    """A new entry, as the thread shows it."""
    html = render_template("tickets/_entry.html", entry=entry)
    return {"entry": entry.id, "message": entry.message_id, "html": html}
