"""Notifications about a ticket, for those of its people who may still see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helpdesk import live
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent
from helpdesk.tickets.models import Ticket


def tell(ticket: Ticket, agents: Iterable[Agent | None], payload: dict[str, Any]) -> None:
    """After the commit, notify each of these agents once, except who has left the ticket's team or the helpdesk."""
    for agent in {agent.id: agent for agent in agents if agent is not None}.values():
        if agent.active and sees_team(agent, ticket.team_id):
            live.notify(agent.id, {**payload, "number": ticket.id})
