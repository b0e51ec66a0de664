"""Senders whose remote pictures an agent always wants to see."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.agents.models import Agent, TrustedSender
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import storable

MOST = 500
_SENDER = re.compile(r"[^\s@<>,;]*@[^\s@<>,;]+")


def senders(agent: Agent) -> Sequence[str]:
    """Whom the agent trusts: addresses, and domains as ``@domain``."""
    mine = select(TrustedSender.sender).where(TrustedSender.agent_id == agent.id)
    return db.session.scalars(mine.order_by(TrustedSender.sender)).all()


def is_trusted(agent: Agent, address: str) -> bool:
    """Whether the agent trusts this address or its domain."""
    name, at, domain = address.lower().rpartition("@")
    wanted = (f"{name}@{domain}", f"@{domain}") if at else (address.lower(),)
    mine = select(TrustedSender.sender).where(TrustedSender.agent_id == agent.id, TrustedSender.sender.in_(wanted))
    return db.session.scalar(mine.limit(1)) is not None


def trust(agent: Agent, sender: str) -> None:
    """Trust an address, or a domain as ``@domain``, from now on; the caller commits. Raises Invalid."""
    sender = storable(sender, 320).strip().lower()
    if not _SENDER.fullmatch(sender):
        raise Invalid(_("Give an address, or a domain such as @example.com."), errors={"sender": [_("This is no address.")]})
    count = db.session.scalar(select(func.count()).where(TrustedSender.agent_id == agent.id)) or 0
    if count >= MOST:
        raise Invalid(_("You trust %(n)s senders already: remove some in your profile first.", n=MOST))
    db.session.execute(insert(TrustedSender).values(agent_id=agent.id, sender=sender).on_conflict_do_nothing())


def distrust(agent: Agent, sender: str) -> None:
    """Ask again before showing this sender's pictures; the caller commits."""
    db.session.execute(
        delete(TrustedSender).where(TrustedSender.agent_id == agent.id, TrustedSender.sender == sender.strip().lower())
    )
