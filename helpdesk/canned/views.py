"""What the composer's picker asks for: canned replies as one types, one of them filled in, and its use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request
from flask_babel import gettext as _

from helpdesk.agents.session import me, only_agents
from helpdesk.canned import actions, queries
from helpdesk.canned.models import CannedReply
from helpdesk.canned.render import render
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.i18n import LANGUAGES
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.shown import attachment_url

pages = Blueprint("canned", __name__)
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/canned-replies")
def search() -> dict[str, Any]:
    """Canned replies for what is typed, the likeliest first."""
    found = queries.search(me(), request.args.get("q", "")[:200])
    return {"items": [_line(canned) for canned in found]}


@pages.get("/tickets/<int:number>/canned-replies/<int:canned_id>")
def preview(number: int, canned_id: int) -> dict[str, Any]:
    """One of them as it would be sent on this ticket."""
    return _filled(number, queries.get(me(), canned_id))


@pages.post("/tickets/<int:number>/canned-replies/<int:canned_id>/uses")
def use(number: int, canned_id: int) -> tuple[dict[str, Any], int]:
    """The same, with files of its own to send, and counted."""
    canned = queries.get(me(), canned_id)
    answer = _filled(number, canned)
    actions.count_use(canned.id)
    answer["files"] = [_upload(file) for file in actions.copy_files(me(), canned)]
    db.session.commit()
    return answer, 201


def _filled(number: int, canned: CannedReply) -> dict[str, Any]:
    ticket = tickets.get(me(), number)
    language = request.args.get("language")
    if language is not None and language not in canned.html:
        raise Invalid(_("There is no such language."))
    rendered = render(me(), canned, ticket, language)
    return {
        "id": canned.id,
        "name": canned.name,
        "language": rendered.language,
        "languages": [{"code": code, "name": LANGUAGES.get(code, code)} for code in sorted(canned.html)],
        "html": rendered.html,
        "text": rendered.text,
        "problems": rendered.problems,
        "files": [{"filename": file.filename, "size": file.size} for file in canned.attachments],
    }


def _line(canned: CannedReply) -> dict[str, Any]:
    return {"id": canned.id, "name": canned.name, "folder": canned.folder, "shortcut": canned.shortcut}


def _upload(file: Attachment) -> dict[str, Any]:
    return {"id": file.id, "filename": file.filename, "size": file.size, "url": attachment_url(file), "inline": False}
