"""Whether an inbox can receive and send, as last seen; a change is shown to everybody at once."""

from __future__ import annotations

from typing import Literal

from channels.base import ChannelFailure
from helpdesk import clock, live
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox

Way = Literal["receive", "send"]


def working(inbox_id: int, way: Way) -> None:
    """Note that the inbox works this way, and commit."""
    _note(inbox_id, way, "ok", "", "")


def failing(inbox_id: int, way: Way, failure: ChannelFailure) -> None:
    """Note why the inbox does not work this way, with the server's words, and commit."""
    _note(inbox_id, way, "failing", failure.code, failure.detail)


def _note(inbox_id: int, way: Way, state: str, code: str, detail: str) -> None:
    inbox = db.session.get(Inbox, inbox_id, populate_existing=True)
    if inbox is None:
        return
    seen = (getattr(inbox, f"{way}_state"), getattr(inbox, f"{way}_code"))
    if seen[0] != state:
        setattr(inbox, f"{way}_since", clock.now())
    setattr(inbox, f"{way}_state", state)
    setattr(inbox, f"{way}_code", code)
    setattr(inbox, f"{way}_detail", detail[:1000])
    if seen != (state, code):
        live.inbox_health(inbox)
    db.session.commit()
