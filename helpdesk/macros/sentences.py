"""What a macro would do to a ticket, in words."""

from __future__ import annotations

from flask_babel import gettext as _

from helpdesk.agents.models import Agent, Team
from helpdesk.extensions import db
from helpdesk.macros.run import Plan
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.sentences import PRIORITY, STATUS


def sentences(ticket: Ticket, plan: Plan) -> list[str]:
    """One line for each thing that would be done, in the order in which it would be; one that says so when nothing would."""
    changes, said = plan.changes, []
    if "team" in changes:
        team = db.session.get(Team, changes["team"]) if changes["team"] else None
        said.append(_("Team: %(name)s", name=team.name if team else _("No team")))
    if "assignee" in changes:
        assignee = db.session.get(Agent, changes["assignee"]) if changes["assignee"] else None
        said.append(_("Assignee: %(name)s", name=assignee.name if assignee else _("Nobody")))
    if "priority" in changes:
        said.append(_("Priority: %(name)s", name=PRIORITY[changes["priority"]]))
    if "tags" in changes:
        said += _tags(ticket.tags, changes["tags"])
    if plan.note:
        said.append(_("Internal note: “%(text)s”", text=_short(plan.note.text)))
    if plan.reply:
        said.append(_("Reply: “%(text)s”", text=_short(plan.reply.text)))
    if "status" in changes:
        said.append(_("Status: %(name)s", name=STATUS[changes["status"]]))
    return said or [_("Everything is so already: nothing would change.")]


def _tags(before: list[str], after: list[str]) -> list[str]:
    added, removed = [tag for tag in after if tag not in before], [tag for tag in before if tag not in after]
    said = [_("Add the tags %(tags)s", tags=", ".join(added))] if added else []
    return said + ([_("Remove the tags %(tags)s", tags=", ".join(removed))] if removed else [])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:159]}…"
