"""Mails that keep coming, so that the queue can be seen to move without a mail server.

They go into the ledger as raw bytes, like anybody's. One that is due later waits there like one to be tried again, and
the sweeper takes it up when its time has come: nothing sleeps, and a restart forgets none.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update

from channels.messages import RawItem
from helpdesk import clock
from helpdesk.demo import people
from helpdesk.demo.mails import mail
from helpdesk.demo.stories import told
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Inbox, Received

AT_START = 10
FIRST, GAP = 45, (20, 40)  # seconds


def schedule(count: int) -> None:
    """Have so many mails come in, one by one, from a moment from now on."""
    rng = random.Random()  # noqa: S311
    at = clock.now() + timedelta(seconds=FIRST)
    for _mail in range(count):
        add(at)
        at += timedelta(seconds=rng.uniform(*GAP))


def add(at: datetime | None = None) -> None:
    """Put one believable mail into the ledger of the demo's inbox and commit; interpreted at once, or when ``at`` comes.

    Raises NotFound when this is not the demo.
    """
    rng = random.Random()  # noqa: S311
    language = rng.choice(("tr", "tr", "en"))
    story = rng.choice(told("incoming", language))
    name = rng.choice(people.TURKISH if language == "tr" else people.ENGLISH)
    inbox = _inbox(next(address for _name, address, key in people.INBOXES if key == story.team))
    when = at or clock.now()
    key = f"demo:{uuid4().hex}"
    _message_id, raw = mail(
        people.person(name, language), inbox.address, story.subject, story.turns[0].text, when, flags=story.flags
    )
    ledger.add(inbox, [RawItem(key, raw)])
    if at is not None:
        statement = update(Received).where(Received.inbox_id == inbox.id, Received.source_key == key)
        db.session.execute(statement.values(next_attempt_at=at, received_at=at))
    db.session.commit()


def _inbox(login: str) -> Inbox:
    address = f"{login}@{people.DOMAIN}"
    inbox = db.session.scalar(select(Inbox).where(Inbox.address == address, Inbox.enabled.is_(False)))
    if inbox is None:
        raise NotFound(f"No inbox {address} is switched off: these mails are for the demo, which “bin/helpdesk demo” makes.")
    return inbox
