"""The addresses of a mailbox: its own, its aliases, their ``+tags`` (RFC 5233), and the one that bounces go to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from channels.mailbox.settings import listed

UNUSABLE = re.compile(r"[\x00-\x20\x7f<>]")
TOKEN = re.compile(r"[0-9a-z.-]{1,60}")


def normal(address: str) -> str:
    """Lower case, the domain in Unicode (RFC 5321 lets local parts differ by case; no provider does).

    Raises ValueError when it is no address.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    if not (local and at and domain) or UNUSABLE.search(local + domain) or domain.startswith("."):
        raise ValueError(f"{address!r} is not a mail address")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna') if 'xn--' in domain else domain}"
    except UnicodeError:
        return f"{local}@{domain}"


def stem(address: str) -> str:
    """The address without its ``+tag``."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{domain}"


def own(address: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The inbox's address and its aliases, each once."""
    return tuple(dict.fromkeys([address, *map(normal, listed(values.get("aliases", "")))]))


def return_path(sender: str, values: Mapping[str, str], token: str) -> str:
    """Where bounces go: the address set for them, with ``token`` for its star (VERP), else the sender."""
    wanted = values.get("bounce_address", "").strip()
    if "@" not in wanted or UNUSABLE.search(wanted):
        return sender
    if "*" not in wanted:
        return wanted
    return wanted.replace("*", token, 1) if TOKEN.fullmatch(token) else sender
