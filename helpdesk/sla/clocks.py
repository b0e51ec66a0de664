"""The clocks of a ticket, moved by what happens on it. Times are clock time; targets go by priority."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk import live
from helpdesk.extensions import db
from helpdesk.sla.models import Deadline, Target
from helpdesk.tickets.models import Entry, Ticket


def follow(ticket: Ticket, entry: Entry) -> None:
    """Start, meet and drop clocks after an entry, and show the nearest on the ticket's row."""
    running = _running(ticket)
    at = entry.occurred_at
    direction = entry.message.direction if entry.kind == "message" and entry.message else None
    if direction == "inbound" and entry.message and not entry.message.automatic:
        _start_response(ticket, running, at)
        _start(ticket, running, "resolution", at)
    elif direction == "outbound" and entry.actor_kind == "agent":
        _end(running, ("first_response", "next_response"), at, met=True)
    elif entry.kind == "status" and not ticket.is_working:
        _end(running, ("resolution",), at, met=True)
        _end(running, ("first_response", "next_response"), at, met=None)
    elif entry.kind == "priority":
        _recompute(ticket, running)
    else:
        return
    _show(ticket, running)


def targets() -> list[Target]:
    """All targets. Who reacts to many entries keeps them while he does: the session forgets what nobody holds."""
    return list(db.session.scalars(select(Target)))


def _running(ticket: Ticket) -> dict[str, Deadline]:
    return {deadline.kind: deadline for deadline in ticket.deadlines if deadline.ended_at is None}


def _start_response(ticket: Ticket, running: dict[str, Deadline], at: datetime) -> None:
    if "first_response" in running or "next_response" in running:
        return  # the customer is waiting already: a second mail does not give us more time
    _start(ticket, running, "next_response" if ticket.first_response_at else "first_response", at)


def _start(ticket: Ticket, running: dict[str, Deadline], kind: str, at: datetime) -> None:
    minutes = _target(kind, ticket.priority)
    if kind in running or minutes is None:
        return
    running[kind] = Deadline(kind=kind, started_at=at, due_at=at + timedelta(minutes=minutes))
    ticket.deadlines.append(running[kind])


def _end(running: dict[str, Deadline], kinds: tuple[str, ...], at: datetime, *, met: bool | None) -> None:
    for kind in kinds:
        if (deadline := running.pop(kind, None)) is not None:
            deadline.ended_at = at
            deadline.met = at <= deadline.due_at if met else None


def _recompute(ticket: Ticket, running: dict[str, Deadline]) -> None:
    for deadline in running.values():
        minutes = _target(deadline.kind, ticket.priority)
        if minutes is not None:
            deadline.due_at = deadline.started_at + timedelta(minutes=minutes)


def _target(kind: str, priority: int) -> int | None:
    target = db.session.get(Target, (kind, priority))
    return target.minutes if target else None


def _show(ticket: Ticket, running: dict[str, Deadline]) -> None:
    nearest = min(running.values(), key=lambda deadline: deadline.due_at, default=None)
    due = (nearest.due_at, nearest.kind) if nearest else (None, None)
    if (ticket.due_at, ticket.due_kind) != due:
        ticket.due_at, ticket.due_kind = due
        ticket.version += 1
        live.ticket_changed(ticket)
