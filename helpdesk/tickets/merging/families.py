"""Which tickets are one by now: each merged ticket names the one that took it over, and that may be merged in its turn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import or_, select

from helpdesk.extensions import db
from helpdesk.sql import one_of
from helpdesk.tickets.models import Ticket


def around(ids: Iterable[int]) -> dict[int, int]:
    """Merged ticket → the one that took it over, of all that these were merged into and that was merged into those."""
    found: dict[int, int] = {}
    known: set[int] = set()
    fresh = set(ids)
    while fresh:
        touching = or_(one_of(Ticket.id, fresh), one_of(Ticket.merged_into_id, fresh))
        rows = db.session.execute(
            select(Ticket.id, Ticket.merged_into_id).where(Ticket.merged_into_id.is_not(None), touching)
        )
        known |= fresh
        found |= {merged: into for merged, into in rows if into is not None}
        fresh = {*found, *found.values()} - known
    return found


def living(ticket_id: int, into: Mapping[int, int] | None = None) -> int:
    """The ticket that has taken this one over at last, or this one."""
    into = around([ticket_id]) if into is None else into
    while ticket_id in into:
        ticket_id = into[ticket_id]
    return ticket_id


def merged_into(ticket_id: int) -> set[int]:
    """This ticket and all that were merged into it, one after another."""
    into = around([ticket_id])
    members = {ticket_id}
    while more := {merged for merged, kept in into.items() if kept in members} - members:
        members |= more
    return members


def lock(ids: Collection[int]) -> dict[int, Ticket]:
    """Lock the tickets in the order of their ids, so that two transactions never wait for each other."""
    if not ids:
        return {}
    statement = select(Ticket).where(one_of(Ticket.id, ids)).order_by(Ticket.id).with_for_update(of=Ticket)
    return {ticket.id: ticket for ticket in db.session.scalars(statement.execution_options(populate_existing=True))}
