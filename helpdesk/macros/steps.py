"""What a macro does: which fields of the ticket it sets, and what it writes. Checked when it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from channels.html.text import html_to_text
from helpdesk import written_html
from helpdesk.agents.models import Agent, Team
from helpdesk.canned import variables
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.tickets import actions
from helpdesk.tickets.models import PRIORITIES, STATUSES, Ticket

Steps = Mapping[str, Any]
"""Any of ``status priority`` (names), ``assignee`` (an id, ME, or None for nobody), ``team`` (an id or None), ``add_tags
remove_tags`` (words), ``note reply`` (HTML; both with variables)."""

ME = "me"
NAMES = ("team", "assignee", "priority", "add_tags", "remove_tags", "note", "reply", "status")
MOST_CHARS = 100_000


def checked(steps: Steps) -> dict[str, Any]:
    """The steps as they are stored, without those that do nothing. Raises Invalid naming what is wrong."""
    errors: dict[str, list[str]] = {name: [_("There is no such action.")] for name in steps if name not in NAMES}
    kept = {name: steps[name] for name in NAMES if name in steps}
    kept |= {name: _clean(kept[name]) for name in ("note", "reply") if name in kept}
    kept |= {name: actions.clean_tags(kept[name]) for name in ("add_tags", "remove_tags") if name in kept}
    kept = {name: value for name, value in kept.items() if value not in ("", [])}
    for name in ("note", "reply"):
        if wrong := variables.problems(kept.get(name, "")):
            errors[name] = wrong
    errors |= _unknown(kept)
    if errors:
        raise Invalid(_("This macro cannot be saved yet."), errors=errors)
    return kept


def changes(agent: Agent, ticket: Ticket, steps: Steps) -> dict[str, Any]:
    """What the steps would change of this ticket, by the names of helpdesk.tickets.change.VERBS; what is so already not."""
    wanted: dict[str, Any] = {}
    if "team" in steps and steps["team"] != ticket.team_id:
        wanted["team"] = steps["team"]
    if "assignee" in steps:
        assignee = agent.id if steps["assignee"] == ME else steps["assignee"]
        if assignee != ticket.assignee_id:
            wanted["assignee"] = assignee
    for name, now in (("priority", ticket.priority_name), ("status", ticket.status)):
        if name in steps and steps[name] != now:
            wanted[name] = steps[name]
    removed = set(steps.get("remove_tags", ()))
    tags = [tag for tag in (*ticket.tags, *steps.get("add_tags", ())) if tag not in removed]
    if (tags := list(dict.fromkeys(tags))) != ticket.tags:
        wanted["tags"] = tags
    return wanted


def state(ticket: Ticket) -> dict[str, Any]:
    """The fields of a ticket that a macro may change, as they are now."""
    return {
        "team": ticket.team_id,
        "assignee": ticket.assignee_id,
        "priority": ticket.priority_name,
        "tags": list(ticket.tags),
        "status": ticket.status,
    }


def _clean(html: Any) -> str:
    clean = written_html.clean_written(storable(str(html), MOST_CHARS)).strip()
    return clean if html_to_text(clean).strip() or "<img" in clean else ""


def _unknown(steps: Steps) -> dict[str, list[str]]:
    choose, errors = [_("Choose one of the list.")], {}
    if "status" in steps and steps["status"] not in STATUSES:
        errors["status"] = choose
    if "priority" in steps and steps["priority"] not in PRIORITIES:
        errors["priority"] = choose
    if (assignee := steps.get("assignee")) not in (None, ME):
        found = db.session.get(Agent, assignee) if isinstance(assignee, int) else None
        if found is None or not found.active:
            errors["assignee"] = choose
    team = steps.get("team")
    if team is not None and (not isinstance(team, int) or db.session.get(Team, team) is None):
        errors["team"] = choose
    return errors
