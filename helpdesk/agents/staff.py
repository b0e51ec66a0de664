"""Verbs of the admin on teams, agents and tokens. Each commits. There is always an active admin."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select, update

from helpdesk import clock, connections, live
from helpdesk.agents import actions
from helpdesk.agents.models import Agent, ApiToken, Team
from helpdesk.agents.passwords import set_password
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db

PASSWORD_BYTES = 12


def team(team_id: int) -> Team:
    """The team. Raises NotFound."""
    found = db.session.get(Team, team_id)
    if found is None:
        raise NotFound(_("This team does not exist."))
    return found


def agent(agent_id: int) -> Agent:
    """The agent, active or not. Raises NotFound."""
    found = db.session.get(Agent, agent_id)
    if found is None:
        raise NotFound(_("This agent does not exist."))
    return found


def change_team(found: Team, name: str, member_ids: Sequence[int]) -> None:
    """Rename a team and set its members. Raises Invalid without a name, Conflict when the name is taken."""
    members = db.session.scalars(select(Agent).where(Agent.id.in_(member_ids)).order_by(Agent.name)).all()
    connections.end({agent.id for agent in found.agents} - {agent.id for agent in members})
    found.agents = list(members)
    live.close_rooms([f"team:{found.id}"])
    found.name = actions.named(name)  # last: what is loaded flushes, and a taken name is to be met by the commit
    actions.commit(_("There is already a team called “%(name)s”.", name=found.name))


def invite(email: str, name: str, role: str, team_ids: Sequence[int]) -> tuple[Agent, str]:
    """Make an agent with a password to be told him once; returns both. Raises Invalid, Conflict."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    made = actions.add_agent(email, name, role, [team.name for team in _teams(team_ids)], password)
    return made, password


def change_agent(found: Agent, *, email: str, name: str, role: str, team_ids: Sequence[int]) -> None:
    """Change who an agent is and what he may see. Raises Invalid, Conflict (address taken, last admin)."""
    _keep_an_admin(found, stays=role == "admin")
    teams = _teams(team_ids)
    _leave_rooms()
    connections.end([found.id])
    found.role, found.teams = actions.checked_role(role), teams
    found.email, found.name = actions.checked_email(email), actions.named(name)  # last: see change_team
    actions.commit(_("There is already an agent with the address %(email)s.", email=found.email))


def set_active(found: Agent, active: bool) -> None:
    """Let an agent in again, or end his sessions and tokens at once. Raises Conflict for the last admin."""
    _keep_an_admin(found, stays=active)
    found.active = active
    if not active:
        _leave_rooms()
        connections.end([found.id])
        found.session_epoch += 1
        theirs = update(ApiToken).where(ApiToken.agent_id == found.id, ApiToken.revoked_at.is_(None))
        db.session.execute(theirs.values(revoked_at=clock.now()))
    db.session.commit()


def _leave_rooms() -> None:
    """After the commit, everybody joins his teams' rooms anew; who may not any more stays outside."""
    live.close_rooms(f"team:{key}" for key in (0, *db.session.scalars(select(Team.id))))


def new_password(found: Agent) -> str:
    """Give an agent a fresh password, end his sessions, and return it: it cannot be read again."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    set_password(found, password)
    connections.end([found.id])
    db.session.commit()
    return password


def sign_out_everywhere(found: Agent) -> None:
    found.session_epoch += 1
    connections.end([found.id])
    db.session.commit()


def revoke_token(token_id: int) -> None:
    """End a token for ever; a second time changes nothing. Raises NotFound."""
    token = db.session.get(ApiToken, token_id)
    if token is None:
        raise NotFound(_("This token does not exist."))
    token.revoked_at = token.revoked_at or clock.now()
    connections.end([token.agent_id])
    db.session.commit()


def _keep_an_admin(changed: Agent, *, stays: bool) -> None:
    """Refuse to lose the last active admin. All admins are locked: two may be leaving at once."""
    statement = select(Agent).where(Agent.role == "admin", Agent.active).order_by(Agent.id).with_for_update()
    admins = db.session.scalars(statement.execution_options(populate_existing=True)).all()
    if stays or [admin.id for admin in admins] != [changed.id]:
        return
    db.session.rollback()
    sentence = _("This is the only admin: make somebody else an admin first.")
    raise Conflict(sentence, errors={"role": [sentence]})


def _teams(ids: Sequence[int]) -> list[Team]:
    found = list(db.session.scalars(select(Team).where(Team.id.in_(ids)).order_by(Team.name)))
    if len(found) < len(set(ids)):
        raise Invalid(_("This team does not exist."), errors={"team": [_("Choose another.")]})
    return found
