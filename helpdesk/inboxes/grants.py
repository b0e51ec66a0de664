"""What providers have granted: kept, handed out while it is good, and renewed by one process for all."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from channels.consent import Consent, Tokens
from channels.failures import TemporaryFailure
from helpdesk import clock, crypto
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes.grant_models import Grant

log = structlog.get_logger()

EARLY = timedelta(minutes=5)
"""So long before its end an access token is renewed."""


def keep(inbox_id: int, consent: Consent, tokens: Tokens, agent_id: int) -> Grant:
    """Store what was just granted instead of what was before, within the caller's transaction."""
    grant = db.session.get(Grant, inbox_id, with_for_update=True) or Grant(inbox_id=inbox_id)
    grant.binding, grant.agent_id, grant.granted_at = consent.binding, agent_id, clock.now()
    grant.account = one_line(tokens.accounts[0] if tokens.accounts else consent.account, 320)
    _write(grant, tokens, "")
    db.session.add(grant)
    return grant


class GrantedTokens:
    """The tokens of one inbox (a channels.consent.TokenSource).

    Renewing locks the grant's row in a transaction of its own: who comes meanwhile waits and uses the result, and a
    rotated refresh token is committed before anybody uses what came with it.
    """

    def __init__(self, inbox_id: int, consent: Consent) -> None:
        self._inbox_id, self._consent = inbox_id, consent

    def token(self, refused: str = "") -> str:
        with Session(db.engine) as session:
            if access := self._good(self._granted(session.get(Grant, self._inbox_id)), refused):
                return access
        return self._renewed(refused)

    def _granted(self, grant: Grant | None) -> Grant:
        """The grant if it is for these settings and the provider has not refused it. Raises TemporaryFailure("consent")."""
        if grant is None or grant.binding != self._consent.binding:
            raise _needs_consent("")
        if grant.refused_at is not None:
            raise _needs_consent(grant.refused_detail)
        return grant

    @staticmethod
    def _good(grant: Grant, refused: str, early: timedelta = EARLY) -> str:
        """The access token unless it ends soon or is the one that was refused; empty then."""
        access = crypto.unseal(grant.tokens)["access"]
        return access if access != refused and grant.expires_at - early > clock.now() else ""

    def _renewed(self, refused: str) -> str:
        with Session(db.engine) as session, session.begin():
            grant = self._granted(session.get(Grant, self._inbox_id, with_for_update=True))
            if access := self._good(grant, refused):
                return access  # somebody else has renewed it while we waited
            try:
                return self._renew(grant)
            except TemporaryFailure as failure:
                if failure.code != "consent":
                    if access := self._good(grant, refused, early=timedelta(0)):
                        return access  # the provider is away, and the token still good for a moment
                    raise
                grant.refused_at, grant.refused_detail = clock.now(), storable(failure.detail, 1000)
                refusal = failure
        log.warning("consent_refused", inbox=self._inbox_id)
        raise refusal

    def _renew(self, grant: Grant) -> str:
        before = crypto.unseal(grant.tokens)["refresh"]
        if not before:
            raise _needs_consent("the provider gave no refresh token")
        tokens = self._consent.refresh(before)
        _write(grant, tokens, before)
        return tokens.access


def _write(grant: Grant, tokens: Tokens, refresh: str) -> None:
    """Note the tokens; ``refresh`` is the refresh token that stays good when there is no new one."""
    now = clock.now()
    grant.tokens = crypto.seal({"access": tokens.access, "refresh": tokens.refresh or refresh})
    grant.renewed_at, grant.expires_at = now, now + timedelta(seconds=tokens.seconds)
    if tokens.refresh_seconds is not None:
        grant.ends_at, grant.ends_unused = now + timedelta(seconds=tokens.refresh_seconds), False
    elif tokens.idle_seconds is not None:
        grant.ends_at, grant.ends_unused = now + timedelta(seconds=tokens.idle_seconds), True
    elif not refresh:
        grant.ends_at = None
    grant.refused_at, grant.refused_detail = None, ""


def _needs_consent(detail: str) -> TemporaryFailure:
    return TemporaryFailure("consent", detail, whole_inbox=True)
