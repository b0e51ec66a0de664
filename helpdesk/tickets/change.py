"""Changing several things of a ticket at once: all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.tickets import actions, queries
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.timeline import Actor, by_agent

VERBS: dict[str, Callable[[Ticket, Any, Actor], None]] = {
    "team": lambda ticket, team_id, actor: actions.hand_over(ticket, team_id, actor),
    "assignee": lambda ticket, agent_id, actor: actions.give(ticket, actions.checked_assignee(ticket, agent_id), actor),
    "priority": lambda ticket, priority, actor: actions.prioritise(ticket, priority, actor),
    "tags": lambda ticket, tags, actor: actions.label(ticket, tags, actor),
    "subject": lambda ticket, subject, actor: actions.rename(ticket, subject, actor),
    "status": lambda ticket, status, actor: actions.move(ticket, actions.checked_status(status), actor),
}
"""What can be changed, in the order in which it is: the team decides who may be the assignee."""


class StaleChange(Conflict):
    """The ticket has changed since the version that the change was made for."""

    code = "stale_change"


def change(agent: Agent, number: int, changes: Mapping[str, Any], *, version: int | None = None) -> Ticket:
    """Change the ticket and commit. ``changes``: any of VERBS. ``version``: what it must be, if that matters.

    Raises NotFound, Invalid, or StaleChange with the current version.
    """
    ticket = queries.locked(agent, number)
    if version is not None and version != ticket.version:
        current = ticket.version
        db.session.rollback()
        raise StaleChange(_("This ticket has changed meanwhile: look at it again."), extra={"version": current})
    try:
        for name, verb in VERBS.items():
            if name in changes:
                verb(ticket, changes[name], by_agent(agent))
    except Invalid:
        db.session.rollback()
        raise
    db.session.commit()
    return ticket


def is_still_seen(agent: Agent, ticket: Ticket) -> bool:
    """Whether the agent still sees the ticket after a change that may have given it away."""
    return sees_team(agent, ticket.team_id)
