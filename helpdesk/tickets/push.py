"""Rendering noted changes and emitting them to the rooms that may see them."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from helpdesk import live
from helpdesk.extensions import db
from helpdesk.tickets import queries, queues
from helpdesk.tickets.models import Entry, Ticket

AT_ONCE = 200


def push() -> None:
    """Push everything noted. Row fragments are viewer-neutral: one rendering a language serves all rooms."""
    while notes := live.take_notes(AT_ONCE):
        parts = [note.split(":") for note in notes]
        _push_entries(Entry.id.in_([int(part[1]) for part in parts if part[0] == "entry"]))
        _push_entries(Entry.message_id.in_([int(part[1]) for part in parts if part[0] == "message"]))
        _push_tickets([int(part[1]) for part in parts if part[0] == "ticket"])
        _push_left([(int(part[1]), int(part[2])) for part in parts if part[0] == "left"])
        db.session.rollback()


def _push_tickets(ids: list[int]) -> None:
    for ticket in queues.load(ids):
        rows = live.rendered("tickets/_row.html", ticket=ticket)
        for language, row in rows.items():
            payload = {"number": ticket.id, "version": ticket.version, "facets": ticket.facets, "row": row}
            live.emit("ticket:changed", payload, room=f"team:{ticket.team_id or 0}:{language}")


def _push_entries(which: ColumnElement[bool]) -> None:
    statement = queries.with_messages().where(which, Entry.ticket_id.is_not(None)).order_by(Entry.id)
    for entry in db.session.scalars(statement).unique():
        for language, html in live.rendered("tickets/_entry.html", entry=entry).items():
            payload = {"number": entry.ticket_id, "entry": entry.id, "html": html}
            live.emit("entry:added", payload, room=f"ticket:{entry.ticket_id}:{language}")


def _push_left(moves: list[tuple[int, int]]) -> None:
    """Agents of the team that a ticket left learn that it went, and nothing else of it."""
    for ticket_id, team_key in moves:
        ticket = db.session.get(Ticket, ticket_id)
        if ticket is None or (ticket.team_id or 0) == team_key:
            continue
        payload = {"number": ticket_id, "version": ticket.version, "facets": {"team": ticket.team_id}, "row": None}
        for language in live.LANGUAGES:
            live.emit("ticket:changed", payload, room=f"team:{team_key}:{language}")
