"""The Socket.IO events of INTERFACE.md: who may join which room, and presence. A join that is refused answers False."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask, request
from flask_babel import get_locale
from flask_login import current_user
from flask_socketio import join_room, leave_room
from sqlalchemy import select

from helpdesk import connections, live
from helpdesk.agents.access import team_keys
from helpdesk.agents.models import Agent, ApiToken
from helpdesk.errors import NotFound
from helpdesk.extensions import db, socketio
from helpdesk.live import LANGUAGES
from helpdesk.tickets import presence, queries, queues

_clients: dict[str, Client] = {}
"""Connections of this process by socket id: a connection lives and dies with its process."""


class Client:
    """One connection: its agent, its language, and the rooms that it is in."""

    def __init__(self, agent: Agent, language: str) -> None:
        self.agent_id, self.language = agent.id, language
        self.queue: set[str] = set()
        self.number: int | None = None

    def agent(self) -> Agent | None:
        """The agent as he is now; None when he was deactivated meanwhile."""
        agent = db.session.get(Agent, self.agent_id)
        return agent if agent is not None and agent.active else None


def install(_app: Flask) -> None:
    for event, handler in (
        ("connect", _connect),
        ("disconnect", _disconnect),
        ("queue:join", _join_queue),
        ("ticket:join", _join_ticket),
        ("ticket:leave", _leave_ticket),
        ("viewing", lambda data: _be_present(data, "viewing")),
        ("typing", lambda data: _be_present(data, "typing")),
    ):
        socketio.on_event(event, handler)


def _connect(auth: Any = None) -> bool:
    agent = _agent_of(auth)
    if agent is None:
        return False
    language = str(get_locale() or "en")
    _clients[_sid()] = Client(agent, language if language in LANGUAGES else "en")
    connections.opened(agent.id, _sid())
    join_room("agents")
    join_room(f"agent:{agent.id}")
    return True


def _disconnect(*_reason: Any) -> None:
    _leave_ticket()
    if (client := _clients.pop(_sid(), None)) is not None:
        connections.closed(client.agent_id, _sid())


def _join_queue(data: Any = None) -> bool:
    """Hear of the rows of every team whose tickets this agent sees; filtering by view is the screen's."""
    client, agent = _here()
    if client is None or agent is None or _value(data, "view") not in queues.VIEWS:
        return False
    rooms = {f"team:{key}:{client.language}" for key in team_keys(agent)}
    for room in client.queue - rooms:
        leave_room(room)
    for room in rooms:
        join_room(room)
    client.queue = rooms
    _tell_of_missed("queue", data)
    return True


def _join_ticket(data: Any = None) -> bool:
    client, agent = _here()
    number = _value(data, "number")
    if client is None or agent is None or not _may_see(agent, number):
        return False
    if client.number != number:
        _leave_ticket()
    join_room(f"ticket:{number}:{client.language}")
    client.number = number
    _tell_of_missed("ticket", data)
    return True


def _tell_of_missed(kind: str, data: Any) -> None:
    """Tell who has just joined when something changed after the mark of what he shows (`seen`), for nobody pushed it."""
    seen = _value(data, "seen")
    if seen is not None and (not seen or seen != live.mark()):
        socketio.emit("missed", {"kind": kind}, to=_sid())


def _leave_ticket(*_data: Any) -> None:
    client = _clients.get(_sid())
    if client is None or client.number is None:
        return
    number, client.number = client.number, None
    leave_room(f"ticket:{number}:{client.language}")
    _tell(number, presence.left(number, client.agent_id))


def _be_present(data: Any, state: presence.State) -> bool:
    client, agent = _here()
    number = _value(data, "number")
    if client is None or agent is None or client.number != number or not isinstance(number, int):
        return False
    _tell(number, presence.seen(number, agent, state))
    return True


def _tell(number: int, people: list[dict[str, Any]]) -> None:
    """Tell those at the ticket, and those who see its row."""
    team = queries.team_of(number)
    payload = {"number": number, "agents": people}
    for language in LANGUAGES:
        for room in (f"ticket:{number}:{language}", f"team:{team or 0}:{language}"):
            socketio.emit("presence", payload, to=room)


def _agent_of(auth: Any) -> Agent | None:
    if current_user.is_authenticated:
        agent: Agent = current_user._get_current_object()
        return agent
    token = _value(auth, "token")
    if not isinstance(token, str):
        return None
    digest = hashlib.sha256(token.encode()).digest()
    found = db.session.scalar(select(ApiToken).where(ApiToken.token_sha256 == digest, ApiToken.revoked_at.is_(None)))
    return found.agent if found is not None and found.agent.active else None


def _here() -> tuple[Client | None, Agent | None]:
    client = _clients.get(_sid())
    return client, client.agent() if client else None


def _may_see(agent: Agent, number: Any) -> bool:
    if not isinstance(number, int):
        return False
    try:
        queries.get(agent, number)
    except NotFound:
        return False
    return True


def _value(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _sid() -> str:
    sid: str = request.sid  # type: ignore[attr-defined]  # Flask-SocketIO adds it
    return sid
