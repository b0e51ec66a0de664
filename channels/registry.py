"""Which channels there are: kind → the class behind it, imported when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from channels.base import Channel

_CHANNELS = {
    "email": "channels.mail:EmailChannel",
}


def kinds() -> tuple[str, ...]:
    """Every kind of channel."""
    return tuple(_CHANNELS)


@cache
def get(kind: str) -> type[Channel]:
    """The channel of this kind. Raises KeyError when there is none; a missing library breaks this channel only."""
    module, _separator, name = _CHANNELS[kind].partition(":")
    channel: type[Channel] = getattr(import_module(module), name)
    return channel
