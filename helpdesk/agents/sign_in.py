"""Who signs in: checking the password, and finding the agent of a session."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import joinedload

from helpdesk.agents.actions import agent_by_email
from helpdesk.agents.models import Agent
from helpdesk.agents.passwords import is_password
from helpdesk.extensions import db, login_manager

_WITH_TEAMS = (
    select(Agent).options(joinedload(Agent.teams)).where(Agent.id == bindparam("id", type_=BigInteger))
).execution_options(populate_existing=True)


def install(_app: Flask) -> None:
    """Teach sessions whose they are."""
    login_manager.login_view = "agents.login"
    login_manager.user_loader(agent_of_session)


def agent_of_session(session_id: str) -> Agent | None:
    """The active agent whose id and session epoch the cookie holds."""
    number, _, epoch = session_id.partition(".")
    if not (number.isdecimal() and epoch.isdecimal()):
        return None
    agent = db.session.scalars(_WITH_TEAMS, {"id": int(number)}).unique().one_or_none()
    return agent if agent is not None and agent.active and agent.session_epoch == int(epoch) else None


def authenticate(email: str, password: str) -> Agent | None:
    """The active agent with this address and password, or None. Commits a fresh hash when the cost has risen."""
    agent = agent_by_email(email)
    if not is_password(agent, password):
        return None
    db.session.commit()
    return agent
