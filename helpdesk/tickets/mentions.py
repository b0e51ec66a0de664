"""Whom a note names: references to agents and teams, ``<span data-mention="agent:5">@Elif</span>``, not their names."""

from __future__ import annotations

import re
from typing import Any

from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.extensions import db
from helpdesk.tickets.models import Ticket

MOST = 50
_MENTION = re.compile(r'<span data-mention="(agent|team):([0-9]{1,18})">')


def of(ticket: Ticket, html: str) -> list[dict[str, Any]]:
    """The agents who may see the ticket and the teams that cleaned HTML names, as ``{"kind", "id"}``, each once."""
    named = list(dict.fromkeys((kind, int(number)) for kind, number in _MENTION.findall(html)))[:MOST]
    return [{"kind": kind, "id": number} for kind, number in named if _may_be_told(ticket, kind, number)]


def _may_be_told(ticket: Ticket, kind: str, number: int) -> bool:
    if kind == "team":
        return db.session.get(Team, number) is not None
    agent = db.session.get(Agent, number)
    return agent is not None and agent.active and sees_team(agent, ticket.team_id)
