"""Passwords: hashed with argon2id, rehashed when the parameters have grown, never compared in variable time."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from helpdesk.agents.models import Agent
from helpdesk.errors import Invalid

SHORTEST = 10
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP password storage, argon2id
_NOBODY = _hasher.hash("nobody has this password")


def set_password(agent: Agent, password: str) -> None:
    """Give the agent a password and end his other sessions. Raises Invalid when it is too short."""
    if len(password) < SHORTEST:
        sentence = _("A password needs at least %(least)s characters.", least=SHORTEST)
        raise Invalid(sentence, errors={"password": [sentence]})
    agent.password_hash = _hasher.hash(password)
    agent.session_epoch = (agent.session_epoch or 0) + 1


def is_password(agent: Agent | None, password: str) -> bool:
    """Whether this is the agent's password; takes as long when there is no such agent."""
    stored = agent.password_hash if agent is not None and agent.password_hash else _NOBODY
    try:
        _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
    if agent is None or agent.password_hash is None or not agent.active:
        return False
    if _hasher.check_needs_rehash(stored):
        agent.password_hash = _hasher.hash(password)
    return True
