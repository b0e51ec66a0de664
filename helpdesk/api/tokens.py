"""Bearer tokens (RFC 6750): who a request of the API acts as. Session cookies mean nothing here."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from helpdesk import clock
from helpdesk.agents.actions import hash_token
from helpdesk.agents.models import Agent, ApiToken
from helpdesk.errors import Forbidden, HelpdeskError
from helpdesk.extensions import db

USE_NOTED = timedelta(minutes=5)
SCHEME = "Bearer"
LONGEST = 200


class Unauthorised(HelpdeskError):
    """No token, or one that does not count."""

    status = 401
    code = "unauthorised"


def authenticate() -> None:
    """Find the agent of the request's token. Raises Unauthorised."""
    given = bearer()
    if not given:
        raise Unauthorised(_("This needs an API token: send the header “Authorization: Bearer TOKEN”."))
    token = _known(given)
    if token is None or not token.agent.active:
        raise Unauthorised(_("This API token does not exist or was withdrawn."))
    g.api_agent_id = token.agent_id
    _note_use(token)


def acting() -> Agent:
    """The agent as whom this request acts."""
    options = [selectinload(Agent.teams)]
    return db.session.get_one(Agent, g.api_agent_id, options=options)


def acting_admin() -> Agent:
    """The same, when he is an admin. Raises Forbidden when he is not."""
    agent = acting()
    if not agent.is_admin:
        raise Forbidden(_("Only an admin may do this."))
    return agent


def bearer() -> str:
    """The token that the request carries, or nothing."""
    scheme, _separator, value = request.headers.get("Authorization", "").partition(" ")
    value = value.strip()
    return value if scheme.lower() == SCHEME.lower() and len(value) <= LONGEST else ""


def _known(given: str) -> ApiToken | None:
    return db.session.scalar(
        select(ApiToken)
        .options(joinedload(ApiToken.agent).selectinload(Agent.teams))
        .where(ApiToken.token_sha256 == hash_token(given), ApiToken.revoked_at.is_(None))
    )


def _note_use(token: ApiToken) -> None:
    """Write down at most every few minutes that the token is in use."""
    now = clock.now()
    if token.last_used_at is not None and now - token.last_used_at < USE_NOTED:
        return
    db.session.execute(update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=now))
    db.session.commit()
