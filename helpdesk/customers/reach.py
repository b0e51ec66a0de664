"""Whether an address still reaches its customer: marked when a server says that it does not, cleared when he writes."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from sqlalchemy import select, update

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers import queries
from helpdesk.customers.models import Identity
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.folding import storable

DETAIL_CHARS = 300
NOT_THE_ADDRESS = re.compile(r"\b5\.(?:6|7)\.\d{1,3}\b|\b5\.3\.4\b")
"""Codes that blame the message and not its address: its content, a policy, its size (RFC 3463 §3.4, §3.7, §3.8)."""


def mark(channel: str, address: str, detail: str) -> None:
    """Note that what goes to this address does not arrive, and why, within the caller's transaction."""
    if NOT_THE_ADDRESS.search(detail):
        return
    statement = update(Identity).where(Identity.channel == channel, Identity.address == address)
    db.session.execute(statement.values(bounced_at=clock.now(), bounce_detail=storable(detail, DETAIL_CHARS)))


def wrote(identity: Identity) -> None:
    """He has written from it himself: nothing stands against the address any more. Within the caller's transaction."""
    if identity.bounced_at is not None:
        identity.bounced_at, identity.bounce_detail = None, ""


def clear(agent: Agent, customer_id: int, identity_id: int) -> None:
    """Take an agent's word that the address works again, and commit. Raises NotFound for a stranger."""
    customer = queries.get(agent, customer_id)
    identity = next((one for one in customer.identities if one.id == identity_id), None)
    if identity is None:
        raise NotFound(_("This address does not exist."))
    wrote(identity)
    db.session.commit()


def bouncing(channel: str, address: str) -> Identity | None:
    """The identity of an address that is known not to arrive."""
    return db.session.scalar(
        select(Identity).where(Identity.channel == channel, Identity.address == address, Identity.bounced_at.is_not(None))
    )
