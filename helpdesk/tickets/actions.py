"""What agents do to tickets, apart from writing. Each verb locks the ticket, writes an entry, and commits.

The small verbs without an agent's name in them (``move``, ``give``) work within the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select, text

from helpdesk import clock, live
from helpdesk.agents.access import sees_team, team_keys
from helpdesk.agents.models import Agent, Team
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.tickets import queries
from helpdesk.tickets.models import IS_WORKING, PRIORITIES, QUEUE_AT, STATUSES, TEAM_KEY, Ticket
from helpdesk.tickets.timeline import Actor, by_agent, changed, record

MOST_TAGS = 30


def set_status(agent: Agent, number: int, status: str) -> Ticket:
    """Move the ticket to a status. Raises Invalid for an unknown one."""
    wanted = checked_status(status)
    ticket = queries.locked(agent, number)
    move(ticket, wanted, by_agent(agent))
    return _commit(ticket)


def close(agent: Agent, number: int) -> Ticket:
    return set_status(agent, number, "closed")


def set_priority(agent: Agent, number: int, priority: str) -> Ticket:
    """Set the priority by its name. Raises Invalid for an unknown one."""
    ticket = queries.locked(agent, number)
    prioritise(ticket, priority, by_agent(agent))
    return _commit(ticket)


def assign(agent: Agent, number: int, assignee_id: int | None) -> Ticket:
    """Give the ticket to an agent who may see it, or to nobody. Raises Invalid when he may not or does not exist."""
    ticket = queries.locked(agent, number)
    give(ticket, checked_assignee(ticket, assignee_id), by_agent(agent))
    return _commit(ticket)


def take(agent: Agent, number: int) -> Ticket:
    """Take an unassigned ticket. Raises Conflict when a colleague was faster."""
    ticket = queries.locked(agent, number)
    if ticket.assignee is not None and ticket.assignee_id != agent.id:
        raise Conflict(_("%(name)s has taken this ticket already.", name=ticket.assignee.name))
    give(ticket, agent, by_agent(agent))
    return _commit(ticket)


def take_next(agent: Agent) -> Ticket | None:
    """Take the most urgent unassigned ticket that nobody else is taking at this moment; None when there is none."""
    statement = (
        select(Ticket)
        .where(text(IS_WORKING), Ticket.assignee_id.is_(None), text(f"{TEAM_KEY} = any(:keys)"))
        .order_by(text(QUEUE_AT), Ticket.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    ticket = db.session.scalar(statement, {"keys": team_keys(agent)})
    if ticket is None:
        db.session.rollback()
        return None
    give(ticket, agent, by_agent(agent))
    return _commit(ticket)


def set_team(agent: Agent, number: int, team_id: int | None) -> Ticket:
    """Hand the ticket to a team, or to nobody. An assignee who may not see it there loses it."""
    ticket = queries.locked(agent, number)
    hand_over(ticket, team_id, by_agent(agent))
    return _commit(ticket)


def set_tags(agent: Agent, number: int, tags: Sequence[str]) -> Ticket:
    """Replace the ticket's tags: trimmed, without doubles, at most MOST_TAGS."""
    wanted = clean_tags(tags)
    ticket = queries.locked(agent, number)
    label(ticket, wanted, by_agent(agent))
    return _commit(ticket)


def set_subject(agent: Agent, number: int, subject: str) -> Ticket:
    """Rename the ticket. Raises Invalid when the new subject is empty."""
    ticket = queries.locked(agent, number)
    rename(ticket, subject, by_agent(agent))
    return _commit(ticket)


def mark_unread(agent: Agent, number: int, unread: bool) -> Ticket:
    """Set whether somebody still has to read the ticket. Not an event of the timeline."""
    ticket = queries.locked(agent, number)
    if ticket.unread != unread:
        ticket.unread = unread
        changed(ticket)
    return _commit(ticket)


def move(ticket: Ticket, status: str, actor: Actor) -> None:
    """Change the status of a locked ticket, with its entry."""
    if ticket.status == status:
        return
    before, ticket.status = ticket.status, status
    ticket.closed_at = clock.now() if status in ("solved", "closed") else None
    record(ticket, "status", actor, data={"from": before, "to": status})


def give(ticket: Ticket, assignee: Agent | None, actor: Actor) -> None:
    """Change who has a locked ticket, with its entry."""
    if ticket.assignee_id == (assignee.id if assignee else None):
        return
    before = ticket.assignee.name if ticket.assignee else None
    ticket.assignee, ticket.assignee_id = assignee, assignee.id if assignee else None
    record(
        ticket,
        "assignee",
        actor,
        data={"from": before, "to": assignee.name if assignee else None, "agent": ticket.assignee_id},
    )


def prioritise(ticket: Ticket, priority: str, actor: Actor) -> None:
    """Change the priority of a locked ticket by its name, with its entry. Raises Invalid for an unknown one."""
    if priority not in PRIORITIES:
        raise Invalid(_("There is no such priority."), errors={"priority": [_("Choose one of the list.")]})
    if ticket.priority != PRIORITIES[priority]:
        data = {"from": ticket.priority_name, "to": priority}
        ticket.priority = PRIORITIES[priority]
        record(ticket, "priority", actor, data=data)


def hand_over(ticket: Ticket, team_id: int | None, actor: Actor) -> None:
    """Change the team of a locked ticket, with its entry. Raises Invalid when there is no such team."""
    team = db.session.get(Team, team_id) if team_id is not None else None
    if team_id is not None and team is None:
        raise Invalid(_("This team does not exist."), errors={"team": [_("Choose another.")]})
    if ticket.team_id == team_id:
        return
    data = {"from": ticket.team.name if ticket.team else None, "to": team.name if team else None}
    left = ticket.team_id or 0
    ticket.team, ticket.team_id = team, team_id
    record(ticket, "team", actor, data=data)
    live.ticket_changed(ticket, left_team=left)
    live.close_rooms([f"ticket:{ticket.id}"])
    if ticket.assignee is not None and not sees_team(ticket.assignee, team_id):
        give(ticket, None, actor)


def label(ticket: Ticket, tags: Sequence[str], actor: Actor) -> None:
    """Replace the tags of a locked ticket, with its entry. Raises Invalid when there are too many."""
    wanted = clean_tags(tags)
    if ticket.tags != wanted:
        data = {"added": [tag for tag in wanted if tag not in ticket.tags],
                "removed": [tag for tag in ticket.tags if tag not in wanted]}  # fmt: skip
        ticket.tags = wanted
        record(ticket, "tags", actor, data=data)


def rename(ticket: Ticket, subject: str, actor: Actor) -> None:
    """Change the subject of a locked ticket, with its entry. Raises Invalid when the new one is empty."""
    wanted = one_line(subject, 500)
    if not wanted:
        raise Invalid(_("A ticket needs a subject."), errors={"subject": [_("Write a subject.")]})
    if ticket.subject != wanted:
        data = {"from": ticket.subject, "to": wanted}
        ticket.subject = wanted
        record(ticket, "subject", actor, data=data)


def checked_status(status: str) -> str:
    """The status, if it is one. Raises Invalid."""
    if status not in STATUSES:
        raise Invalid(_("There is no such status."), errors={"status": [_("Choose one of the list.")]})
    return status


def checked_assignee(ticket: Ticket, assignee_id: int | None) -> Agent | None:
    """The agent to give this ticket to, or nobody. Raises Invalid when he does not exist or may not see it."""
    if assignee_id is None:
        return None
    assignee = db.session.get(Agent, assignee_id)
    if assignee is None or not assignee.active:
        raise Invalid(_("This agent does not exist or is no longer active."), errors={"assignee": [_("Choose another.")]})
    if not sees_team(assignee, ticket.team_id):
        raise Invalid(
            _("%(name)s is not in this ticket's team and could not see it.", name=assignee.name),
            errors={"assignee": [_("Choose somebody of the team.")]},
        )
    return assignee


def clean_tags(tags: Sequence[str]) -> list[str]:
    """The tags trimmed and without doubles. Raises Invalid when there are more than MOST_TAGS."""
    wanted = list(dict.fromkeys(filter(None, (one_line(tag, 60).strip("# ,") for tag in tags))))
    if len(wanted) > MOST_TAGS:
        raise Invalid(_("A ticket can have %(most)s tags.", most=MOST_TAGS), errors={"tags": [_("Remove some.")]})
    return wanted


def _commit(ticket: Ticket) -> Ticket:
    db.session.commit()
    return ticket
