"""Which live connections an agent has, on whichever web process, so that they can be ended when he loses a right.

A room is authorised only when it is joined: whoever may see less, or is signed out, is disconnected and must come anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from redis import RedisError

from helpdesk.after_commit import after_commit
from helpdesk.extensions import socketio
from helpdesk.queue import connection

log = structlog.get_logger()

KEPT_SECONDS = 30 * 86_400  # what a killed process left behind goes after this, unless he connects again


def opened(agent_id: int, sid: str) -> None:
    """Note that a connection is the agent's."""
    try:
        pipe = connection().pipeline()
        pipe.sadd(_key(agent_id), sid)
        pipe.expire(_key(agent_id), KEPT_SECONDS)
        pipe.execute()
    except RedisError as error:
        log.warning("hint_lost", job="connection", reason=type(error).__name__)


def closed(agent_id: int, sid: str) -> None:
    """Note that a connection has gone."""
    try:
        connection().srem(_key(agent_id), sid)
    except RedisError as error:
        log.warning("hint_lost", job="connection", reason=type(error).__name__)


def end(agent_ids: Iterable[int]) -> None:
    """After the commit, disconnect these agents everywhere. Whoever is still let in comes back by himself."""
    ids = list(agent_ids)
    after_commit(lambda: _end(ids))


def _end(agent_ids: list[int]) -> None:
    try:
        found: list[Any] = [sid for agent_id in agent_ids for sid in connection().smembers(_key(agent_id))]
    except RedisError as error:
        log.warning("hint_lost", job="disconnect", reason=type(error).__name__)
        return
    for sid in found:
        _disconnect(sid.decode())


def _disconnect(sid: str) -> None:
    """Elsewhere a message does it; here the connection's own handlers run, which must not happen within a commit."""
    server = socketio.server
    if server.manager.is_connected(sid, "/"):
        socketio.start_background_task(server.disconnect, sid, namespace="/")
    else:
        server.disconnect(sid, namespace="/")


def _key(agent_id: int) -> str:
    return f"temas:live:connections:{agent_id}"
