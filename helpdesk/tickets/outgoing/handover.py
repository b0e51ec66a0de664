"""Handing on what somebody leaves behind: the tickets of a team that is dissolved, of an agent who goes."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, func, select, update

from helpdesk import connections, live
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.actions import give
from helpdesk.tickets.models import WORKING, Ticket
from helpdesk.tickets.timeline import by_agent, record


def tickets_of_team(team_id: int) -> int:
    """How many tickets, finished ones too, belong to the team."""
    return db.session.scalar(select(func.count()).where(Ticket.team_id == team_id)) or 0


def dissolve(agent: Agent, team_id: int, heir_id: int | None) -> None:
    """Delete a team and commit; its tickets and inboxes go to ``heir_id``.

    Raises NotFound, Invalid for an heir that is no other team, Conflict when there are tickets or inboxes and no heir.
    The team's row is locked first: a ticket that arrives meanwhile waits, fails, and is placed anew.
    """
    team = db.session.get(Team, team_id, with_for_update=True)
    if team is None:
        raise NotFound(_("This team does not exist."))
    heir = _heir(team, heir_id)
    if heir is None and _has_anything(team):
        db.session.rollback()
        sentence = _("This team still has tickets or inboxes: choose the team that takes them over.")
        raise Conflict(sentence, errors={"heir": [sentence]})
    if heir is not None:
        _hand_over(agent, team, heir)
    connections.end([member.id for member in team.agents])
    db.session.flush()
    db.session.delete(team)
    db.session.commit()


def release(agent: Agent, leaving: Agent) -> int:
    """Unassign every working ticket of an agent who leaves, and commit; returns how many."""
    tickets = _working(Ticket.assignee_id == leaving.id)
    for ticket in tickets:
        give(ticket, None, by_agent(agent))
    db.session.commit()
    return len(tickets)


def _has_anything(team: Team) -> bool:
    tickets = exists().where(Ticket.team_id == team.id)
    return bool(db.session.scalar(select(tickets | exists().where(Inbox.team_id == team.id))))


def _heir(team: Team, heir_id: int | None) -> Team | None:
    if heir_id is None:
        return None
    heir = db.session.get(Team, heir_id)
    if heir is None or heir.id == team.id:
        raise Invalid(_("This team does not exist."), errors={"heir": [_("Choose another.")]})
    return heir


def _hand_over(agent: Agent, team: Team, heir: Team) -> None:
    """Working tickets move with an entry, like any other; finished ones just change hands."""
    for ticket in _working(Ticket.team_id == team.id):
        ticket.team, ticket.team_id = heir, heir.id
        record(ticket, "team", by_agent(agent), data={"from": team.name, "to": heir.name})
        live.ticket_changed(ticket, left_team=team.id)
        if ticket.assignee is not None and not sees_team(ticket.assignee, heir.id):
            give(ticket, None, by_agent(agent))
    db.session.flush()
    db.session.execute(update(Ticket).where(Ticket.team_id == team.id).values(team_id=heir.id))
    db.session.execute(update(Inbox).where(Inbox.team_id == team.id).values(team_id=heir.id))


def _working(which: ColumnElement[bool]) -> list[Ticket]:
    statement = select(Ticket).where(which, Ticket.status.in_(WORKING)).order_by(Ticket.id).with_for_update()
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))
