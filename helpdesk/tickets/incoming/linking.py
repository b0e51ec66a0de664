"""Tickets that belong together without being one: each says so on its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from channels.messages import IncomingMessage
from helpdesk import clock, settings
from helpdesk.extensions import db
from helpdesk.sql import number_new
from helpdesk.tickets.incoming.thread import Found, Sender
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.timeline import SYSTEM, record

Why = Literal["stranger", "doubted", "follow_up"]


@dataclass(frozen=True, slots=True)
class Link:
    """``after`` was opened by a message that points to ``before``."""

    before: Ticket
    after: Ticket
    why: Why


def settle(found: Found, message: IncomingMessage, sender: Sender) -> tuple[Found, Why | None]:
    """Where the message goes when the age of its ticket counts too, and why a new ticket is linked to another."""
    if found.ticket is not None and not message.automatic and _is_long_over(found.ticket):
        return Found(None, found.clue), "follow_up"
    if found.ticket is not None or found.clue is None:
        return found, None
    return found, "doubted" if sender.doubted else "stranger"


def record_all(links: Sequence[Link]) -> None:
    """Write each link on both timelines, once both tickets have their numbers."""
    for link in links:
        record(link.before, "linked", SYSTEM, data={"ticket": link.after.id, "why": link.why, "way": "after"})
        record(link.after, "linked", SYSTEM, data={"ticket": link.before.id, "why": link.why, "way": "before"})
    number_new()
    db.session.flush()


def _is_long_over(ticket: Ticket) -> bool:
    if ticket.is_working or ticket.closed_at is None:
        return False
    return ticket.closed_at < clock.now() - timedelta(days=settings.current().reopen_days)
