"""Which channels exist. Each is imported on first use, so that one whose library is missing breaks nothing else."""

from __future__ import annotations

from importlib import import_module

from channels.base import Channel

CHANNELS: dict[str, str] = {
    "email": "channels.mail:EmailChannel",
}


def kinds() -> tuple[str, ...]:
    """Every known kind, in the order in which they are offered."""
    return tuple(CHANNELS)


def get(kind: str) -> type[Channel]:
    """The class of a channel. Raises KeyError for an unknown kind, ImportError when its library is missing."""
    module, _colon, name = CHANNELS[kind].partition(":")
    channel: type[Channel] = getattr(import_module(module), name)
    return channel
