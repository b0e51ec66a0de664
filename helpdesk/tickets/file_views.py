"""Files of messages, and uploads for the next one."""

from __future__ import annotations

import hashlib
import io
import secrets
from typing import Any

from flask import Blueprint, Flask, Response, request, send_file
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.tickets import queries
from helpdesk.tickets.models import Attachment, Blob
from helpdesk.tickets.shown import attachment_url

files = Blueprint("files", __name__)
files.before_request(only_agents)

SHOWABLE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "text/plain", "application/pdf"})
"""What a browser may show in our origin; everything else is only ever saved."""


def install(app: Flask) -> None:
    app.register_blueprint(files)


@files.get("/attachments/<int:attachment_id>/<path:_filename>")
def attachment(attachment_id: int, _filename: str) -> Response:
    found = queries.attachment(me(), attachment_id)
    data = db.session.scalars(select(Blob.data).where(Blob.sha256 == found.sha256)).one()
    shown = found.content_type in SHOWABLE
    response = send_file(
        io.BytesIO(data),
        mimetype=found.content_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=found.filename,
        etag=found.sha256.hex(),
    )
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@files.post("/attachments")
def upload() -> tuple[dict[str, Any], int]:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("No file was sent."))
    inline = request.form.get("inline") == "1"
    stored = _store(me(), sent.filename, sent.mimetype or "application/octet-stream", sent.read(), inline)
    return {
        "id": stored.id,
        "filename": stored.filename,
        "size": stored.size,
        "url": attachment_url(stored),
        "content_id": stored.content_id,
        "inline": stored.inline,
    }, 201


@files.delete("/attachments/<int:attachment_id>")
def remove(attachment_id: int) -> tuple[str, int]:
    queries.attachment(me(), attachment_id)
    mine = (Attachment.id == attachment_id, Attachment.agent_id == me().id, Attachment.message_id.is_(None))
    gone = db.session.scalar(delete(Attachment).where(*mine).returning(Attachment.id))  # a reply may be taking it
    db.session.commit()
    if gone is None:
        raise NotFound(_("This file belongs to a message and stays with it."))
    return "", 204


def _store(agent: Agent, filename: str, content_type: str, data: bytes, inline: bool) -> Attachment:
    digest = hashlib.sha256(data).digest()
    db.session.execute(
        insert(Blob).values(sha256=digest, size=len(data), data=data, created_at=clock.now()).on_conflict_do_nothing()
    )
    stored = Attachment(
        agent_id=agent.id,
        filename=one_line(filename, 200) or "file",
        content_type=one_line(content_type, 100),
        size=len(data),
        sha256=digest,
        inline=inline,
        content_id=f"{secrets.token_hex(12)}@temas" if inline else "",
    )
    db.session.add(stored)
    db.session.commit()
    return stored
