"""`/api/v1/tickets/{number}/timeline`, `…/replies`, `…/notes`, `/customers/{id}/timeline` and attachments."""

from __future__ import annotations

from typing import Any

from flask import Response

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.file_names import disposition
from helpdesk.scheduled.actions import schedule
from helpdesk.tickets import history, queries
from helpdesk.tickets.api import NUMBER
from helpdesk.tickets.blobs import BlobReader, pieces
from helpdesk.tickets.entry_shapes_api import Entry as EntryShape
from helpdesk.tickets.entry_shapes_api import EntryPage, Note, Reply, TimelineQuery
from helpdesk.tickets.models import Entry
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing

endpoints = Endpoints("timelines", "What happened, and what agents write")
ID = f"<int(max={LARGEST_ID})"


@endpoints.get(f"/tickets/{NUMBER}/timeline", EntryPage, query=TimelineQuery)
def ticket_timeline(query: dict[str, Any], number: int) -> Page[Entry]:
    """List what happened on a ticket"""
    return history.of_ticket(acting(), number, **query)


@endpoints.get(f"/customers/{ID}:customer_id>/timeline", EntryPage, query=TimelineQuery)
def customer_timeline(query: dict[str, Any], customer_id: int) -> Page[Entry]:
    """List what happened with a customer

    On all his tickets that the token's agent sees, and beside tickets.
    """
    return history.of_customer(acting(), customer_id, **query)


@endpoints.post(f"/tickets/{NUMBER}/replies", EntryShape, body=Reply)
def write_reply(body: dict[str, Any], number: int) -> Entry:
    """Answer a ticket

    Without `to` and `cc` it goes to who wrote last, with a copy to who was on copy. What is sent below it (signature,
    earlier messages) comes from the inbox. 409 when `seen_entry` is given and something was said after it; the
    problem's `entries` are what was missed.
    """
    writing = Writing(body["text"], body["html"], body["attachments"])
    chosen = Chosen(body.get("to"), body.get("cc"), body.get("bcc"))
    rest = {name: body[name] for name in ("close", "seen_entry", "undo_seconds") if name in body}
    try:
        if "send_at" in body:
            rest.pop("undo_seconds", None)
            entry = schedule(acting(), number, writing, body["send_at"], chosen=chosen, **rest)
        else:
            entry = reply.reply(acting(), number, writing, chosen=chosen, **rest)
    except reply.StaleReply as stale:
        stale.extra["entries"] = EntryShape(many=True).dump(history.entries(stale.extra["entries"]))
        raise
    return history.entries([entry.id])[0]


@endpoints.post(f"/tickets/{NUMBER}/notes", EntryShape, body=Note)
def write_note(body: dict[str, Any], number: int) -> Entry:
    """Add an internal note to a ticket"""
    entry = reply.note(acting(), number, Writing(body["text"], body["html"], body["attachments"]))
    return history.entries([entry.id])[0]


@endpoints.download(f"/attachments/{ID}:attachment_id>")
def download(attachment_id: int) -> Response:
    """Download an attachment"""
    file = queries.attachment(acting(), attachment_id)
    content = pieces(BlobReader(file.sha256, file.size))
    response = Response(content, mimetype="application/octet-stream", direct_passthrough=True)
    response.content_length = file.size
    response.headers["Content-Disposition"] = disposition(file.filename, inline=False)
    return response
