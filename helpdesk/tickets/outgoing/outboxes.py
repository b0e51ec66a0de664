"""The ways out that one batch of deliveries takes: one connection for each inbox, let go of when the batch ends."""

from __future__ import annotations

from types import TracebackType

from channels.base import Channel, Outbox
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import connector


class Outboxes:
    """Opened when an inbox's first message leaves; an inbox whose settings have changed gets a new one."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, Channel, Outbox]] = {}

    def of(self, inbox: Inbox) -> tuple[Channel, Outbox]:
        """The inbox's channel and its way out."""
        known = self._open.get(inbox.id)
        if known is not None and known[0] == inbox.settings_version:
            return known[1], known[2]
        if known is not None:
            known[2].close()
        channel = connector(inbox)
        outbox = channel.outbox()
        self._open[inbox.id] = (inbox.settings_version, channel, outbox)
        return channel, outbox

    def __enter__(self) -> Outboxes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for _version, _channel, outbox in self._open.values():
            outbox.close()
