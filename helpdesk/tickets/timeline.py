"""Writing the timeline: every verb ends in entries, and an entry is what reactions and screens follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from helpdesk import clock, live
from helpdesk.agents.models import Agent
from helpdesk.customers.models import Customer
from helpdesk.extensions import db
from helpdesk.queue import enqueue_after_commit
from helpdesk.tickets.models import Entry, Message, Ticket


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    kind: Literal["customer", "agent", "system", "third_party"]
    id: int | None = None
    name: str = ""


SYSTEM = Actor("system")


def by_agent(agent: Agent) -> Actor:
    return Actor("agent", agent.id, agent.name)


def by_customer(customer: Customer) -> Actor:
    return Actor("customer", customer.id, customer.display_name)


def record(
    ticket: Ticket,
    kind: str,
    actor: Actor,
    *,
    message: Message | None = None,
    occurred_at: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> Entry:
    """Add an entry to the ticket, raise its version, and have reactions and screens follow after the commit.

    The entry has its id after a flush.
    """
    entry = Entry(
        ticket=ticket,
        customer=ticket.customer,
        kind=kind,
        occurred_at=occurred_at or clock.now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        message=message,
        channel=message.channel if message else "",
        data=data or {},
    )
    db.session.add(entry)
    live.entry_added(entry)
    changed(ticket)
    enqueue_after_commit("helpdesk.jobs.react", queue="react")
    return entry


def changed(ticket: Ticket) -> None:
    """Note a visible change of the ticket: a new version, and a push after the commit."""
    ticket.version = (ticket.version or 0) + 1
    ticket.updated_at = clock.now()
    live.ticket_changed(ticket)
