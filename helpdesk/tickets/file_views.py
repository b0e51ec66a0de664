"""Files of messages, and uploads for the next one."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.file_names import disposition
from helpdesk.folding import one_line
from helpdesk.remote import type_of
from helpdesk.tickets import queries
from helpdesk.tickets.blobs import BlobReader, pieces
from helpdesk.tickets.models import Attachment, Blob
from helpdesk.tickets.shown import attachment_url
from helpdesk.web_security import FILE_POLICY

files = Blueprint("files", __name__)
files.before_request(only_agents)

TEXTS = frozenset({"text/plain"})
PDF = "application/pdf"
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""Browsers show a PDF with a plugin of their own, which a sandbox forbids."""


def install(app: Flask) -> None:
    app.register_blueprint(files)


@files.get("/attachments/<int:attachment_id>/<path:_filename>")
def attachment(attachment_id: int, _filename: str) -> Response:
    found = queries.attachment(me(), attachment_id)
    reader = BlobReader(found.sha256, found.size)
    shown = _shown_as(found.content_type, reader.read(32))
    reader.seek(0)
    response = Response(pieces(reader), mimetype=shown or "application/octet-stream", direct_passthrough=True)
    response.content_length = found.size
    response.headers["Content-Disposition"] = disposition(found.filename, inline=bool(shown))
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = PDF_POLICY if shown == PDF else FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(found.sha256.hex())
    response.make_conditional(request, accept_ranges=True, complete_length=found.size)
    return response


def _shown_as(content_type: str, start: bytes) -> str:
    """The type under which a browser may show the file in our origin; "" for all that is only ever saved.

    Pictures and PDFs are what their first bytes say, whatever they are called.
    """
    if start.startswith(b"%PDF-") and content_type == PDF:
        return PDF
    return type_of(start) or (content_type if content_type in TEXTS else "")


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
    mine = (
        Attachment.id == attachment_id, Attachment.agent_id == me().id,
        Attachment.message_id.is_(None), Attachment.kept.is_(False),
    )  # fmt: skip
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
