"""Whether an inbox can receive and send, as last seen; a change is shown to everybody at once."""

from __future__ import annotations

from typing import Literal

from channels.failures import ChannelFailure
from helpdesk import clock, live
from helpdesk.extensions import db
from helpdesk.inboxes import queries
from helpdesk.inboxes.models import Inbox

Way = Literal["receive", "send"]


def working(inbox_id: int, way: Way, source: str = "") -> None:
    """Note that the inbox works this way (or one of its sources does), and commit."""
    _note(inbox_id, way, source, None)


def failing(inbox_id: int, way: Way, failure: ChannelFailure, source: str = "") -> None:
    """Note why the inbox (or one of its sources) does not work this way, with the server's words, and commit."""
    _note(inbox_id, way, source, failure)


def _note(inbox_id: int, way: Way, source: str, failure: ChannelFailure | None) -> None:
    inbox = db.session.get(Inbox, inbox_id, populate_existing=True, with_for_update=bool(source) or None)
    if inbox is None:
        return
    problem = {"code": failure.code, "detail": failure.detail[:1000]} if failure else None
    if way == "receive":
        problem = _of_all_sources(inbox, source, problem)
    state, code = ("failing", problem["code"]) if problem else ("ok", "")
    seen = (getattr(inbox, f"{way}_state"), getattr(inbox, f"{way}_code"))
    if seen[0] != state:
        setattr(inbox, f"{way}_since", clock.now())
    setattr(inbox, f"{way}_state", state)
    setattr(inbox, f"{way}_code", code)
    setattr(inbox, f"{way}_detail", problem["detail"] if problem else "")
    if seen != (state, code):
        live.inbox_health(inbox)
    db.session.commit()


def _of_all_sources(inbox: Inbox, source: str, problem: dict[str, str] | None) -> dict[str, str] | None:
    """Keep the source's problem, or forget it; the inbox fails while one of the sources that it has does.

    What a check of the whole inbox found (no source named) stands for all of them.
    """
    names = queries.connector(inbox).sources() if source else ()
    problems = {name: kept for name, kept in inbox.receive_problems.items() if name in names and name != source}
    if source and problem:
        problems[source] = problem
    if problems != inbox.receive_problems:
        inbox.receive_problems = problems
    return problem or next(iter(problems.values()), None)
