"""What is pushed to the screens. A change is noted in Redis after its commit; one job renders and emits what is noted.

Many changes of one ticket within a moment become one push. Losing a note loses nothing: screens fetch what they missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from secrets import token_hex
from typing import Any

import redis
import socketio as python_socketio
import structlog
from flask import current_app, render_template
from flask_babel import force_locale

from helpdesk import settings
from helpdesk.after_commit import after_commit, has_work
from helpdesk.extensions import db
from helpdesk.queue import connection, enqueue

log = structlog.get_logger()

LANGUAGES = ("en", "tr")
_NOTED, _SCHEDULED, _MARK = "temas:live:noted", "temas:live:scheduled", "temas:live:mark"
_COLLECTED = "temas_live_collected"


def ticket_changed(ticket: Any, *, left_team: int | None = None) -> None:
    """After the commit, push this ticket's row to the agents who may see it; ``left_team`` (0: none) only learns it went."""
    _note_after_commit(lambda: f"ticket:{ticket.id}")
    if left_team is not None:
        _note_after_commit(lambda: f"left:{ticket.id}:{left_team}")


def entry_added(entry: Any) -> None:
    """After the commit, push this entry to those who look at its ticket."""
    _note_after_commit(lambda: f"entry:{entry.id}")


def message_changed(message_id: int) -> None:
    """After the commit, push the entry of this message again: its deliveries have moved."""
    _note_after_commit(lambda: f"message:{message_id}")


def _note_after_commit(make: Callable[[], str]) -> None:
    """Collect notes of one transaction, whose new rows get their ids only when it is flushed, into one hint."""
    info = db.session().info
    if not has_work(note):
        info[_COLLECTED] = []
        after_commit(lambda: note({made() for made in info.pop(_COLLECTED)}), key=note)
    info[_COLLECTED].append(make)


def close_rooms(rooms: Iterable[str]) -> None:
    """After the commit, put everybody out of these rooms (without their language) and have them join anew if they may.

    A room is authorised when it is joined, so whoever loses a right must be put out of it.
    """
    names = [f"{room}:{language}" for room in rooms for language in LANGUAGES]
    after_commit(lambda: _close(names))


def _close(rooms: Iterable[str]) -> None:
    for room in rooms:
        _manager().close_room(room)
    emit("rooms:closed", {}, room="agents")


def inbox_health(inbox: Any) -> None:
    """After the commit, tell every agent whether this inbox works."""
    payload = {"inbox": inbox.id, "receive": inbox.receive_state, "send": inbox.send_state}
    after_commit(lambda: emit("inbox:health", payload, room="agents"))


def notify(agent_id: int, payload: dict[str, Any]) -> None:
    """After the commit, show a notification to one agent."""
    after_commit(lambda: emit("notification", payload, room=f"agent:{agent_id}"))


def note(notes: Iterable[str]) -> None:
    """Remember what to push, and start the job that pushes unless one is on its way."""
    try:
        pipe = connection().pipeline()
        pipe.sadd(_NOTED, *notes)
        pipe.set(_MARK, token_hex(8))
        pipe.set(_SCHEDULED, 1, nx=True, ex=2)
        if pipe.execute()[2]:
            enqueue("helpdesk.jobs.push", queue="live")
    except redis.RedisError as error:
        log.warning("hint_lost", job="push", reason=type(error).__name__)


def mark() -> str:
    """What to ask for before a page reads what it shows: as long as it stays the same, nothing has changed since.

    Whoever joins a room has missed nothing if his page's mark is still that of now; empty, which is never that of now,
    when Redis does not answer.
    """
    try:
        found = connection().get(_MARK)
    except redis.RedisError as error:
        log.warning("hint_lost", job="mark", reason=type(error).__name__)
        return ""
    return found.decode() if isinstance(found, bytes) else "none"


def take_notes(most: int) -> list[str]:
    """Take what has been noted, at most so many; afterwards a new note starts a new job."""
    pipe = connection().pipeline()
    pipe.delete(_SCHEDULED)
    pipe.spop(_NOTED, most)
    return sorted(note.decode() for note in pipe.execute()[1])


def emit(event: str, payload: dict[str, Any], room: str) -> None:
    """Emit to every client in the room, on whichever web process he is."""
    _manager().emit(event, payload, room=room)


def rendered(template: str, **context: Any) -> dict[str, str]:
    """The partial in each language."""
    with current_app.test_request_context(base_url=settings.current().public_url):
        return {language: _render(template, language, context) for language in LANGUAGES}


def _render(template: str, language: str, context: dict[str, Any]) -> str:
    with force_locale(language):
        return render_template(template, **context)


def _manager() -> Any:
    manager = current_app.extensions.get("live_manager")
    if manager is None:
        url = settings.current().redis_url
        manager = current_app.extensions["live_manager"] = python_socketio.RedisManager(url, write_only=True)
    return manager
