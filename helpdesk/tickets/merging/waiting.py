"""Who waits goes on waiting: the running clocks of a merged ticket stop, and the other ticket has the nearer ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.tickets.models import Ticket
from helpdesk.undoable import Changed, set_all, take_back

RESPONSES = frozenset({"first_response", "next_response"})


def stop(ticket: Ticket, kinds: Collection[str] = (*RESPONSES, "resolution")) -> dict[str, Changed]:
    """Stop the clocks of a locked ticket, neither kept nor missed; returns what changed of each."""
    ended = {"ended_at": clock.now(), "met": None}
    return {str(one.id): set_all(one, ended) for one in running(ticket) if one.kind in kinds}


def carry_over(merged: Ticket, kept: Ticket) -> dict[str, Any]:
    """Let the kept ticket run what the merged one ran, where that is due earlier. Called before ``stop``."""
    changed: dict[str, Changed] = {}
    added = []
    for one in running(merged) if kept.is_working else []:
        mine = next((other for other in running(kept) if _group(other) == _group(one)), None)
        if mine is not None and one.due_at < mine.due_at:
            changed[str(mine.id)] = set_all(mine, {"started_at": one.started_at, "due_at": one.due_at})
        elif mine is None and not _was_there(kept, one):
            fresh = type(one)(kind=one.kind, started_at=one.started_at, due_at=one.due_at)
            kept.deadlines.append(fresh)
            added.append(fresh)
    db.session.flush()
    return {"changed": changed, "added": [one.id for one in added]}


def give_back(kept: Ticket, carried: dict[str, Any]) -> None:
    """Undo ``carry_over``; a clock that was kept or missed meanwhile stays as what happened."""
    for one in list(kept.deadlines):
        if str(one.id) in carried["changed"]:
            take_back(one, carried["changed"][str(one.id)])
        elif one.id in carried["added"] and one.ended_at is None:
            kept.deadlines.remove(one)
            db.session.delete(one)


def start_again(ticket: Ticket, stopped: dict[str, Changed]) -> None:
    """Undo ``stop``."""
    for one in ticket.deadlines:
        if str(one.id) in stopped:
            take_back(one, stopped[str(one.id)])


def forget(ticket: Ticket, started_at: set[Any]) -> None:
    """Drop the running clocks that began at these instants: what started them is on another ticket now."""
    for one in running(ticket):
        if one.started_at in started_at:
            ticket.deadlines.remove(one)
            db.session.delete(one)


def nearest(ticket: Ticket) -> dict[str, Any]:
    """The values of the ticket's one clock."""
    first = min(running(ticket), key=lambda one: one.due_at, default=None)
    return {"due_at": first.due_at if first else None, "due_kind": first.kind if first else None}


def running(ticket: Ticket) -> list[Any]:
    return [one for one in ticket.deadlines if one.ended_at is None]


def _group(deadline: Any) -> bool:
    return deadline.kind in RESPONSES


def _was_there(ticket: Ticket, deadline: Any) -> bool:
    return any((one.kind, one.started_at) == (deadline.kind, deadline.started_at) for one in ticket.deadlines)
