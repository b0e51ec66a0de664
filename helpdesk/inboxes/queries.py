"""Reads of inboxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class OwnAddresses(frozenset[str]):
    """Normal addresses of one channel that are ours; what their owner adds to one freely makes it no other."""

    channel: type[Channel]

    @classmethod
    def of(cls, channel: type[Channel], addresses: Iterable[str]) -> OwnAddresses:
        """These addresses of this channel."""
        own = cls(addresses)
        own.channel = channel
        return own

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and (super().__contains__(address) or self._has_stem(address))

    def _has_stem(self, address: str) -> bool:
        return super().__contains__(self.channel.stem(address))


def own_addresses(channel: str) -> OwnAddresses:
    """The addresses of our own inboxes on this channel, with their aliases: never a customer."""
    kind = registry.get(channel)
    rows = db.session.execute(select(Inbox.address, Inbox.settings).where(Inbox.channel == channel))
    return OwnAddresses.of(kind, [ours for address, settings in rows for ours in kind(address, settings).addresses()])


def addresses_of(inbox: Inbox) -> OwnAddresses:
    """The addresses of this inbox alone."""
    return OwnAddresses.of(registry.get(inbox.channel), outline(inbox).addresses())


def outline(inbox: Inbox) -> Channel:
    """The channel of this inbox without its secrets: enough to ask what it carries, not to connect."""
    return registry.get(inbox.channel)(inbox.address, inbox.settings)


def own_domains() -> frozenset[str]:
    """The domains that our own addresses are at, and that of this installation: names that others may imitate."""
    addresses = db.session.scalars(select(Inbox.address).where(Inbox.address.contains("@"))).all()
    host = urlsplit(settings.current().public_url).hostname or ""
    return frozenset({address.rpartition("@")[2].lower() for address in addresses} | ({host} if "." in host else set()))
