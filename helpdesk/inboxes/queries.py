"""Reads of inboxes."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy import select

from channels import registry
from channels.base import Channel
from helpdesk import crypto, settings
from helpdesk.extensions import db
from helpdesk.inboxes.grants import GrantedTokens
from helpdesk.inboxes.models import Inbox


def connector(inbox: Inbox) -> Channel:
    """The channel of this inbox, with its settings, its secrets, and the tokens that its owner's consent gave us."""
    values: Mapping[str, str] = {**inbox.settings, **crypto.unseal(inbox.secrets)}
    return connected(inbox.channel, inbox.address, values, inbox)


def connected(channel: str, address: str, values: Mapping[str, str], saved: Inbox | None) -> Channel:
    """A channel with these values; tokens that belong to them are those of the ``saved`` inbox."""
    kind = registry.get(channel)
    consent = kind.consent(address, values)
    return kind(address, values, GrantedTokens(saved.id, consent) if saved and consent else None)


def listening() -> list[Inbox]:
    """Every enabled inbox whose channel has sources to listen to."""
    inboxes = db.session.scalars(select(Inbox).where(Inbox.enabled).order_by(Inbox.id))
    return [inbox for inbox in inboxes if registry.get(inbox.channel).capabilities.listens]


def own_addresses(channel: str) -> set[str]:
    """The addresses of our own inboxes on this channel: never a customer."""
    return set(db.session.scalars(select(Inbox.address).where(Inbox.channel == channel)))


def own_domains() -> frozenset[str]:
    """The domains that our own addresses are at, and that of this installation: names that others may imitate."""
    addresses = db.session.scalars(select(Inbox.address).where(Inbox.address.contains("@"))).all()
    host = urlsplit(settings.current().public_url).hostname or ""
    return frozenset({address.rpartition("@")[2].lower() for address in addresses} | ({host} if "." in host else set()))
