"""The reaction that tells agents: who hears of an entry, and why. The only place that writes notifications."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.dialects.postgresql import insert

from helpdesk import clock, live
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.extensions import db
from helpdesk.notifications.models import KINDS, Follower, Notification
from helpdesk.tickets.models import WORKING, Delivery, Entry, Ticket

Told = Iterator[tuple[int | None, str]]


def follow(ticket: Ticket, entry: Entry) -> None:
    """Tell every agent whom the entry concerns and who may see it, once; never the one who did it."""
    reasons: dict[int, str] = {}
    for agent_id, kind in _told(ticket, entry):
        if agent_id is not None and not (entry.actor_kind == "agent" and entry.actor_id == agent_id):
            known = reasons.get(agent_id, kind)
            reasons[agent_id] = min(known, kind, key=KINDS.index)
    for agent_id, kind in sorted(reasons.items()):
        agent = db.session.get(Agent, agent_id)
        if agent is not None and agent.active and sees_team(agent, ticket.team_id):
            _tell(agent, kind, ticket, entry)


def _told(ticket: Ticket, entry: Entry) -> Told:
    if entry.kind in ("message", "side_message"):
        yield from _of_message(ticket, entry)
    elif entry.kind == "assignee":
        yield entry.data.get("agent"), "assigned"
    elif entry.kind == "scheduled_stopped":
        yield entry.data.get("agent"), "stopped"
    elif entry.kind == "status" and entry.data.get("to") in WORKING and entry.data.get("from") not in WORKING:
        yield ticket.assignee_id, "reopened"
    elif entry.kind in ("delivery_failed", "delivery_unknown"):
        delivery = db.session.get(Delivery, entry.data.get("delivery") or 0)
        yield delivery.message.agent_id if delivery else None, entry.kind


def _of_message(ticket: Ticket, entry: Entry) -> Told:
    message = entry.message
    if message is None or message.automatic:
        return
    if (side := message.side_conversation) is not None:
        if message.direction == "inbound":
            yield from ((agent_id, "side_message") for agent_id in (side.agent_id, ticket.assignee_id))
        return
    if message.direction == "inbound":
        yield ticket.assignee_id, "replied"
    yield from ((one.agent_id, "followed") for one in ticket.followers if one.following)
    for agent_id in mentioned(entry):
        yield agent_id, "mentioned"


def mentioned(entry: Entry) -> list[int]:
    """The agents whom a note names, the members of the teams that it names among them."""
    found: list[int] = []
    for mention in entry.data.get("mentions", ()):
        if mention["kind"] == "agent":
            found.append(mention["id"])
        elif (team := db.session.get(Team, mention["id"])) is not None:
            found += [agent.id for agent in team.agents]
    return found


def _tell(agent: Agent, kind: str, ticket: Ticket, entry: Entry) -> None:
    values = {
        "agent_id": agent.id, "kind": kind, "ticket_id": ticket.id, "entry_id": entry.id, "created_at": clock.now(),
        "actor_name": entry.actor_name, "recipient": str(entry.data.get("recipient", "")),
    }  # fmt: skip
    statement = insert(Notification).values(values).on_conflict_do_nothing().returning(Notification.id)
    made = db.session.scalar(statement)
    if kind == "mentioned":
        joining = insert(Follower).values(ticket_id=ticket.id, agent_id=agent.id, following=True)
        db.session.execute(joining.on_conflict_do_nothing())
    if made is not None:
        payload = {"id": made, "kind": kind, "number": ticket.id}
        live.notify(agent.id, payload | {"who": values["actor_name"], "recipient": values["recipient"]})
