"""Asking the owner of an inbox for consent: to the provider and back, by one browser, within minutes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from channels import registry
from channels.consent import Consent, Tokens
from channels.failures import TemporaryFailure
from helpdesk import clock, crypto, settings
from helpdesk.agents.models import Agent
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import actions, grants
from helpdesk.inboxes.grant_models import Grant
from helpdesk.inboxes.models import Inbox

RETURN_PATH = "/settings/inboxes/consent"
VALID_SECONDS = 15 * 60
SIGNATURE = 64
NEAR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the consent to an inbox stands. ``grant`` is what there is of it, if that is for these settings."""

    provider: str
    account: str
    grant: Grant | None

    @property
    def refused(self) -> bool:
        return self.grant is not None and self.grant.refused_at is not None

    @property
    def ending(self) -> bool:
        """Whether consent ends within days, however much it is used."""
        ends = self.grant.ends_at if self.grant and not self.grant.ends_unused else None
        return ends is not None and ends - clock.now() < NEAR


def redirect_uri() -> str:
    """Where providers send the browser back to; what an admin registers with them."""
    return f"{settings.current().public_url}{RETURN_PATH}"


def consent_of(inbox: Inbox) -> Consent | None:
    """The way to the consent of this inbox's owner; None when it signs in by a password."""
    values = {**inbox.settings, **crypto.unseal(inbox.secrets)}
    return registry.get(inbox.channel).consent(inbox.address, values)


def standing(inbox: Inbox) -> Standing | None:
    """How the consent stands; None when the inbox needs none."""
    consent = consent_of(inbox)
    if consent is None:
        return None
    grant = db.session.get(Grant, inbox.id, populate_existing=True)
    bound = grant is not None and grant.binding == consent.binding
    return Standing(consent.provider, consent.account, grant if bound else None)


def new_nonce() -> str:
    """What ties a consent to the browser that asked for it; kept in its session."""
    return secrets.token_hex(16)


def begin(inbox: Inbox, agent: Agent, nonce: str) -> str:
    """The provider's address to send the browser to. Raises Invalid when the settings do not suffice."""
    consent = consent_of(inbox)
    if consent is None:
        raise Invalid(_("This inbox signs in with a password: there is nothing to consent to."))
    signed = f"{inbox.id}.{agent.id}.{int(time.time())}"
    state = f"{signed}.{crypto.sign('consent state', f'{signed}.{nonce}', SIGNATURE)}"
    try:
        return consent.url(redirect_uri(), state, _verifier(state))
    except TemporaryFailure as failure:
        raise Invalid(_("Something is missing or wrong in the sign-in settings: %(why)s", why=failure.detail)) from failure


def inbox_of(state: str, agent: Agent, nonce: str) -> Inbox:
    """The inbox that a returning browser is about. Raises Invalid unless this agent's own browser left lately for it."""
    signed, _dot, signature = state.rpartition(".")
    parts = signed.split(".")
    if not nonce or not crypto.is_signed("consent state", f"{signed}.{nonce}", signature, SIGNATURE):
        raise Invalid(_("This answer does not belong to a consent that you began in this browser. Press Connect again."))
    inbox_id, agent_id, began = map(int, parts)
    if agent_id != agent.id or time.time() - began > VALID_SECONDS:
        raise Invalid(_("That took too long, or somebody else has signed in meanwhile. Press Connect again."))
    inbox = db.session.get(Inbox, inbox_id)
    if inbox is None:
        raise NotFound(_("This inbox does not exist."))
    return inbox


def finish(inbox: Inbox, agent: Agent, state: str, code: str) -> Grant:
    """Fetch and store the tokens, have the inbox reconnect, and commit. Raises TemporaryFailure, Invalid."""
    consent = consent_of(inbox)
    if consent is None:
        raise Invalid(_("This inbox signs in with a password: there is nothing to consent to."))
    inbox_id, agent_id = inbox.id, agent.id
    db.session.rollback()  # the provider may take his time: hold no transaction meanwhile
    tokens = consent.exchange(code, redirect_uri(), _verifier(state))
    _refuse_another(consent, tokens)
    grant = grants.keep(inbox_id, consent, tokens, agent_id)
    actions.change(db.session.get_one(Inbox, inbox_id), {}, {})
    return grant


def forget(inbox: Inbox) -> None:
    """Throw the tokens away, have the inbox disconnect, and commit."""
    if (grant := db.session.get(Grant, inbox.id)) is not None:
        db.session.delete(grant)
    actions.change(inbox, {}, {})


def refused(inbox: Inbox, error: str, description: str) -> TemporaryFailure:
    """What the provider's refusal means that a browser brought back."""
    consent = consent_of(inbox)
    if consent is None:
        return TemporaryFailure("rejected", error)
    return consent.refused(error, description)


def _refuse_another(consent: Consent, tokens: Tokens) -> None:
    """Whoever signs in as somebody else would connect the wrong mailbox, or one that refuses him."""
    wanted = consent.account.strip().casefold()
    if tokens.accounts and wanted not in [name.strip().casefold() for name in tokens.accounts]:
        raise Invalid(
            _(
                "You signed in as %(other)s, but this inbox is %(account)s. Connect again as that account. If it is a "
                "shared mailbox that %(other)s may open, write %(other)s into “Account that consents” and save first.",
                other=tokens.accounts[0],
                account=consent.account,
            )
        )


def _verifier(state: str) -> str:
    """The PKCE verifier of this attempt: nobody but us can make it, and it is stored nowhere (RFC 7636 §4.1)."""
    return crypto.sign("consent verifier", state, 64)
