"""Who is looking at or answering which ticket. Kept in Redis for a minute at a time: it is a hint, and may be lost."""

from __future__ import annotations

import json
from typing import Any, Literal

import structlog
from redis import RedisError

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.queue import connection

log = structlog.get_logger()

State = Literal["viewing", "typing"]
LASTS = {"viewing": 45, "typing": 10}  # seconds without a sign before somebody counts as gone


def seen(number: int, agent: Agent, state: State) -> list[dict[str, Any]]:
    """Note that the agent is at this ticket; returns everybody who is."""
    until = clock.now().timestamp()
    person = {"id": agent.id, "name": agent.name, "tone": agent.tone, "until": until + LASTS["viewing"]}
    person["typing"] = until + LASTS["typing"] if state == "typing" else 0
    try:
        pipe = connection().pipeline()
        pipe.hset(_key(number), str(agent.id), json.dumps(person))
        pipe.expire(_key(number), LASTS["viewing"])
        pipe.execute()
        return present(number)
    except RedisError as error:
        log.warning("hint_lost", job="presence", reason=type(error).__name__)
        return []


def left(number: int, agent_id: int) -> list[dict[str, Any]]:
    """Note that the agent has gone; returns who is still there."""
    try:
        connection().hdel(_key(number), str(agent_id))
        return present(number)
    except RedisError as error:
        log.warning("hint_lost", job="presence", reason=type(error).__name__)
        return []


def present(number: int) -> list[dict[str, Any]]:
    """``{id name tone state}`` of everybody at this ticket, those who write first."""
    now = clock.now().timestamp()
    people = [json.loads(raw) for raw in connection().hvals(_key(number))]
    here = [person for person in people if person["until"] > now]
    shown = [
        {
            "id": person["id"],
            "name": person["name"],
            "tone": person["tone"],
            "state": "typing" if person["typing"] > now else "viewing",
        }
        for person in here
    ]
    return sorted(shown, key=lambda person: (person["state"] != "typing", person["name"]))


def _key(number: int) -> str:
    return f"temas:presence:{number}"
