"""Filling an empty database with the shop: its teams, agents and inboxes, then everything that happened there."""

from __future__ import annotations

import random

from rq import Queue
from sqlalchemy import text

from helpdesk import clock, reactions
from helpdesk.agents import actions as agents
from helpdesk.agents.models import Agent, Team
from helpdesk.demo import feed, people, plan
from helpdesk.demo.telling import Telling, accounts
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes.models import Inbox
from helpdesk.queue import QUEUES, connection

SERVERS = {"imap_host": f"imap.{people.DOMAIN}", "smtp_host": f"smtp.{people.DOMAIN}", "imap_password": "-"}
SEED = 1881


def fill() -> str:
    """Fill an empty database; returns what to tell the person at the console.

    The inboxes are switched off: nothing leaves this machine, and no server that does not exist is asked for mail.
    """
    rng = random.Random(SEED)  # noqa: S311
    telling = Telling(*_house(), rng)
    for event in plan.events(clock.now(), rng):
        telling.tell(event)
    reactions.react()
    for statement in AGED:
        db.session.execute(text(statement))
    db.session.commit()
    feed.schedule(feed.AT_START)
    for name in QUEUES:  # hints about what has been done already
        Queue(name, connection=connection()).empty()  # type: ignore[no-untyped-call]
    return f"{accounts()}\nThe inboxes are switched off: nothing is sent. Ten mails will come in during the first minutes."


def _house() -> tuple[dict[str, Inbox], dict[str, list[Agent]]]:
    teams = {key: agents.add_team(name) for key, name in people.TEAMS.items()}
    staff: dict[str, list[Agent]] = {key: [] for key in teams}
    for login, name, role, keys in people.AGENTS:
        names = [people.TEAMS[key] for key in keys]
        agent = agents.add_agent(f"{login}@{people.DOMAIN}", name, role, names, people.PASSWORD)
        for key in keys:
            staff[key].append(agent)
    return {key: _inbox(name, address, teams[key]) for name, address, key in people.INBOXES}, staff


def _inbox(name: str, address: str, team: Team) -> Inbox:
    inbox = inboxes.add(
        "email", name, f"{address}@{people.DOMAIN}", team_id=team.id, values=SERVERS, language="tr"
    )  # fmt: skip
    inbox.enabled = False
    db.session.commit()
    return inbox


AGED = (
    "update deliveries set status = 'sent', sent_at = next_attempt_at, attempts = 1, created_at = next_attempt_at,"
    " handed_over_at = next_attempt_at where status = 'queued'",
    "update customers set created_at = first.at - ((id * 37) % 900) * interval '1 day', company = '' from"
    " (select customer_id, min(created_at) as at from tickets group by 1) first where first.customer_id = customers.id",
    "update attachments set created_at = messages.created_at from messages where messages.id = attachments.message_id",
    "update tickets set unread = false where status not in ('new', 'open') or last_direction = 'outbound'",
)
"""What the database has stamped with the present, put where it belongs."""
