"""Verbs on people: adding teams, agents and API tokens. Each commits."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from helpdesk.agents.models import ROLES, Agent, ApiToken, Team
from helpdesk.agents.passwords import set_password
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
TOKEN_PREFIX = "temas_"  # noqa: S105


def add_team(name: str) -> Team:
    """Make a team. Raises Invalid without a name, Conflict when the name is taken."""
    team = Team(name=named(name))
    db.session.add(team)
    commit(_("There is already a team called “%(name)s”.", name=team.name))
    return team


def add_agent(email: str, name: str, role: str, teams: Sequence[str], password: str | None) -> Agent:
    """Make an agent in the named teams. Raises Invalid for wrong values, Conflict when the address is taken."""
    address = checked_email(email)
    agent = Agent(email=address, name=named(name), role=checked_role(role), teams=named_teams(teams))
    if password is not None:
        set_password(agent, password)
    db.session.add(agent)
    commit(_("There is already an agent with the address %(email)s.", email=address))
    return agent


def add_token(agent: Agent, name: str) -> str:
    """Make an API token of the agent and return it: it cannot be read again."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    db.session.add(ApiToken(agent=agent, name=named(name), token_sha256=hash_token(token)))
    db.session.commit()
    return token


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def agent_by_email(email: str) -> Agent | None:
    return db.session.scalar(select(Agent).where(func.lower(Agent.email) == email.strip().lower()))


def named_teams(names: Sequence[str]) -> list[Team]:
    """The teams with these names. Raises Invalid naming the first that does not exist."""
    found = {team.name: team for team in db.session.scalars(select(Team).where(Team.name.in_(names)))}
    for name in names:
        if name not in found:
            sentence = _("There is no team called “%(name)s”.", name=name)
            raise Invalid(sentence, errors={"team": [sentence]})
    return [found[name] for name in dict.fromkeys(names)]


def checked_email(email: str) -> str:
    """The address in the form that is stored. Raises Invalid."""
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Invalid(_("This is not an email address."), errors={"email": [_("Write it like name@example.com.")]})
    return address


def checked_role(role: str) -> str:
    if role not in ROLES:
        raise Invalid(_("A role is one of: %(roles)s.", roles=", ".join(ROLES)), errors={"role": [_("Choose one.")]})
    return role


def named(name: str) -> str:
    """The name on one line. Raises Invalid when there is none."""
    clean = one_line(name, 200)
    if not clean:
        raise Invalid(_("A name is needed."), errors={"name": [_("Write a name.")]})
    return clean


def commit(taken: str) -> None:
    """Commit; raises Conflict with the sentence when something unique is taken."""
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(taken) from error
