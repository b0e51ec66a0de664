"""Death at every step on the way in and out, by SIGKILL, with the real servers: the count is exact."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes.models import Received
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import Cast, mail
from tests.kill.dying_worker import CALLS
from tests.kill.test_sigkill import Workers, settled, stored
from tests.rigs.mailserver import MailServer
from tests.rigs.wait import PATIENCE, until

ADDRESS = "destek@lodosev.example"
MAILS, REPLIES = 1000, 40
IN = {
    "after fetch": "channels.mailbox.imap:Folder._items",
    "within the ledger's transaction": "helpdesk.inboxes.ledger:keep",
    "after ledger": "helpdesk.inboxes.ledger:store",
    "after the flag": "channels.mailbox.imap:Folder.acknowledge",
    "after the claim": "helpdesk.tickets.incoming.receive:_claim",
    "after parse": "helpdesk.tickets.incoming.reading:Reading.results",
    "before save": "helpdesk.tickets.incoming.receive:_mark",
    "after save": "helpdesk.tickets.incoming.receive:_place",
}
OUT = {
    "after the claim": "helpdesk.tickets.outgoing.deliver:_claim",
    "before send": "helpdesk.tickets.outgoing.deliver:outgoing",
    "after send": "channels.mailbox.outbox:MailOutbox.send",
    "after save": "helpdesk.tickets.outgoing.deliver:_sent",
}


def dying(app: Flask, folder: Path, steps: dict[str, str]) -> Workers:
    script = Path(__file__).with_name("dying_worker.py")
    return Workers(app, folder / "worker.log", (str(script), str(folder), *steps.values()))


def deaths(folder: Path, steps: dict[str, str]) -> dict[str, int]:
    """How often each step was the last of its process."""
    return {
        name: len(path.read_bytes()) if (path := folder / f"{step}.died").exists() else 0 for name, step in steps.items()
    }


@pytest.mark.timeout(300)
def test_a_thousand_mails_arrive_once_through_death_at_every_step(
    app: Flask, cast: Cast, own_mail_server: MailServer, tmp_path: Path
) -> None:
    inboxes.change(cast.inbox, {}, own_mail_server.settings(ADDRESS))
    sent = [mail(subject=f"Mail {number}", sender=f"k{number % 50}@posta.example") for number in range(MAILS)]
    own_mail_server.append(ADDRESS, *sent[: MAILS // 2])
    workers = dying(app, tmp_path, IN)
    try:
        own_mail_server.append(ADDRESS, *sent[MAILS // 2 :])
        until(lambda: stored() >= MAILS and settled(), seconds=4 * PATIENCE, what="every mail to become a ticket")
    finally:
        workers.stop()
    assert deaths(tmp_path, IN) == dict.fromkeys(IN, len(CALLS))
    assert Counter(db.session.scalars(select(Ticket.subject))) == Counter(f"Mail {number}" for number in range(MAILS))
    rows = db.session.scalars(select(Message.received_id).where(Message.direction == "inbound")).all()
    assert len(rows) == len(set(rows)) == stored() == MAILS
    assert db.session.scalars(select(Received.status).distinct()).all() == ["done"]


@pytest.mark.timeout(300)
def test_every_reply_leaves_once_or_is_unknown_through_death_at_every_step(
    app: Flask, cast: Cast, own_mail_server: MailServer, tmp_path: Path
) -> None:
    inboxes.change(cast.inbox, {}, own_mail_server.settings(ADDRESS))
    cast.receive(*(mail(subject=f"Mail {number}", sender=f"k{number}@customer.example") for number in range(REPLIES)))
    for number in db.session.scalars(select(Ticket.id).order_by(Ticket.id)).all():
        reply(cast.burak, number, Writing(text="Yolda."), undo_seconds=0)
    workers = dying(app, tmp_path, OUT)
    try:
        until(settled, seconds=2 * PATIENCE, what="every reply to leave")
    finally:
        workers.stop()
    assert deaths(tmp_path, OUT) == dict.fromkeys(OUT, len(CALLS))
    rows = db.session.execute(select(Delivery.recipient, Delivery.status)).all()
    own_mail_server.wait_until_delivered()
    arrived = Counter({recipient: len(own_mail_server.mails(recipient)) for recipient, _status in rows})
    assert len(rows) == REPLIES and set(arrived.values()) == {1}
    assert Counter(status for _recipient, status in rows) == {"sent": REPLIES - len(CALLS), "unknown": len(CALLS)}
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.direction == "outbound")) == REPLIES
