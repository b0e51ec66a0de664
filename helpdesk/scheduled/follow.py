"""The reaction that stops a reply which waits for its time as soon as somebody else has answered."""

from __future__ import annotations

from helpdesk.scheduled.actions import answered_since, stop
from helpdesk.tickets.models import Entry, Ticket


def follow(ticket: Ticket, entry: Entry) -> None:
    """Stop what waits on this ticket when the customer or another agent has said something."""
    message = entry.message
    if entry.kind != "message" or message is None or message.direction == "note":
        return
    for one in ticket.scheduled:
        if one.status == "waiting" and answered_since(one):
            stop(ticket, one)
