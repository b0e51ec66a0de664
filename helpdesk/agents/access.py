"""Who sees what: a ticket belongs to a team, its team's agents see it, and everybody sees a ticket without a team."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.agents.models import Agent, Team
from helpdesk.extensions import db


def team_keys(agent: Agent) -> list[int]:
    """The ids of the teams whose tickets this agent sees; 0 stands for tickets without a team."""
    if agent.is_admin:
        return [0, *db.session.scalars(select(Team.id).order_by(Team.id))]
    return [0, *(team.id for team in agent.teams)]


def sees_team(agent: Agent, team_id: int | None) -> bool:
    """Whether tickets of this team (None: of no team) are this agent's to see."""
    return team_id is None or agent.is_admin or any(team.id == team_id for team in agent.teams)


def seeing(team_id: int | None) -> ColumnElement[bool]:
    """The criterion for agents who see tickets of this team (None: of no team)."""
    if team_id is None:
        return true()
    return or_(Agent.role == "admin", Agent.teams.any(Team.id == team_id))


def visible(agent: Agent, team_id: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """The criterion for rows with this team column that the agent may see."""
    if agent.is_admin:
        return true()
    return or_(team_id.is_(None), team_id.in_([team.id for team in agent.teams]))
