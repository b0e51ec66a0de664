"""Replies that are sent later: making, moving, cancelling, stopping and sending them, each under its ticket's lock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from channels.html.text import html_to_text
from helpdesk import clock, live, written_html
from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.scheduled.models import ScheduledReply
from helpdesk.tickets import queries
from helpdesk.tickets.models import Attachment, Draft, Entry, Message, Ticket
from helpdesk.tickets.outgoing import recipients
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.reply import USUAL, answer, refuse_stale
from helpdesk.tickets.outgoing.writing import Writing
from helpdesk.tickets.timeline import SYSTEM, by_agent, changed, record

LONGEST = timedelta(days=366)


def schedule(
    agent: Agent, number: int, writing: Writing, send_at: datetime, *,
    chosen: Chosen = USUAL, close: bool = False, seen_entry: int | None = None,
) -> Entry:  # fmt: skip
    """Have the reply sent at this time, and commit; returns its line of the timeline.

    Raises as ``reply`` does, and Invalid for a time that is past or more than a year away.
    """
    ticket = queries.locked(agent, number)
    refuse_stale(agent, ticket, seen_entry)
    _check_time(send_at)
    recipients.of(ticket, chosen)
    html = written_html.clean_written(storable(writing.html))
    text = storable(writing.text or html_to_text(html)).strip()
    if not (text or writing.uploads or "<img" in html):
        raise Invalid(_("There is nothing to send yet: write something first."), errors={"text": [_("Write something.")]})
    _keep(agent, writing, kept=True)
    data = {"send_at": send_at.isoformat(), "state": "waiting", "text": text, "agent": agent.id}
    entry = record(ticket, "scheduled", by_agent(agent), data=data)
    db.session.flush()
    waiting = ScheduledReply(
        ticket_id=ticket.id, agent_id=agent.id, entry_id=entry.id, text=text, html=html, uploads=list(writing.uploads),
        chosen=asdict(chosen), close=close, send_at=send_at, status="waiting", created_at=clock.now(),
    )  # fmt: skip
    db.session.add(waiting)
    db.session.flush()
    entry.data = {**data, "scheduled": waiting.id}
    db.session.commit()
    return entry


def move(agent: Agent, number: int, scheduled_id: int, send_at: datetime) -> ScheduledReply:
    """Have it sent at another time, and commit. Raises NotFound, Conflict when it waits no more, Invalid."""
    waiting = _locked(agent, number, scheduled_id)
    _check_time(send_at)
    waiting.send_at = send_at
    _show(waiting, send_at=send_at.isoformat())
    db.session.commit()
    return waiting


def cancel(agent: Agent, number: int, scheduled_id: int) -> ScheduledReply:
    """Take it back, and commit; its text becomes its writer's draft. Raises NotFound, Conflict when it waits no more."""
    waiting = _locked(agent, number, scheduled_id)
    _end(waiting, "cancelled")
    _give_back(waiting)
    db.session.commit()
    return waiting


def stop(ticket: Ticket, waiting: ScheduledReply, reason: str = "") -> None:
    """Keep it from being sent, in the caller's transaction: its writer is told and finds its text as his draft."""
    _end(waiting, "stopped")
    _give_back(waiting)
    record(ticket, "scheduled_stopped", SYSTEM, data={"agent": waiting.agent_id, "reason": reason})


def send_due() -> int:
    """Send what is due, each in a transaction of its own; returns how many have ended their waiting."""
    due = (ScheduledReply.status == "waiting", ScheduledReply.send_at <= clock.now())
    ids = db.session.execute(select(ScheduledReply.id, ScheduledReply.ticket_id).where(*due).limit(100)).all()
    db.session.rollback()
    return sum(_send(scheduled_id, ticket_id) for scheduled_id, ticket_id in ids)


def answered_since(waiting: ScheduledReply) -> bool:
    """Whether the customer or another agent has said something since it was written."""
    theirs = or_(Message.direction == "inbound", (Message.direction == "outbound") & (Message.agent_id != waiting.agent_id))
    statement = select(Entry.id).join(Message, Message.id == Entry.message_id)
    since = (Entry.ticket_id == waiting.ticket_id, Entry.id > waiting.entry_id, Entry.kind == "message")
    return db.session.scalar(statement.where(*since, theirs, Message.automatic.is_(False)).limit(1)) is not None


def _send(scheduled_id: int, ticket_id: int) -> bool:
    ticket = db.session.scalar(select(Ticket).where(Ticket.id == ticket_id).with_for_update())
    waiting = db.session.get(ScheduledReply, scheduled_id, populate_existing=True)
    if ticket is None or waiting is None or waiting.status != "waiting" or waiting.send_at > clock.now():
        db.session.rollback()
        return False
    if waiting.ticket_id != ticket_id:  # merged between the look and the lock: the next look finds it there
        db.session.rollback()
        return False
    try:
        _write(ticket, waiting)
    except HelpdeskError as refusal:
        db.session.rollback()
        ticket = db.session.scalars(select(Ticket).where(Ticket.id == ticket_id).with_for_update()).one()
        waiting = db.session.get_one(ScheduledReply, scheduled_id, populate_existing=True)
        if waiting.status == "waiting":
            stop(ticket, waiting, refusal.detail)
    db.session.commit()
    return True


def _write(ticket: Ticket, waiting: ScheduledReply) -> None:
    """Send it, or stop it when somebody was faster. Raises a HelpdeskError when it cannot be sent as it was written."""
    if waiting.entry.came_from_id is not None:  # written to the customer of a ticket that was merged into this one
        sentence = _("This ticket was merged into #%(number)s: go on there, or undo the merge.", number=ticket.id)
        stop(ticket, waiting, sentence)
        return
    if answered_since(waiting):
        stop(ticket, waiting)
        return
    if not waiting.agent.active:
        raise NotFound(_("Its writer is no longer active."))
    queries.seen(waiting.agent, ticket)
    _end(waiting, "sent")
    writing = Writing(waiting.text, waiting.html, waiting.uploads)
    _keep(waiting.agent, writing, kept=False)
    answer(waiting.agent, ticket, writing, chosen=Chosen(**waiting.chosen), close=waiting.close, undo_seconds=0)


def _locked(agent: Agent, number: int, scheduled_id: int) -> ScheduledReply:
    """One of the agent's own. Whoever ends its waiting holds the ticket's lock."""
    ticket = queries.locked(agent, number)
    found = db.session.get(ScheduledReply, scheduled_id, populate_existing=True)
    if found is None or found.ticket_id != ticket.id or found.agent_id != agent.id:
        raise NotFound(_("This message does not exist, or is not yours."))
    if found.status != "waiting":
        raise Conflict(_("This reply is no longer waiting."))
    return found


def _end(waiting: ScheduledReply, status: str) -> None:
    waiting.status = status
    _show(waiting, state=status)


def _show(waiting: ScheduledReply, **data: Any) -> None:
    entry = waiting.entry
    entry.data = {**entry.data, **data}
    live.entry_added(entry)
    if entry.ticket is not None:
        changed(entry.ticket)


def _give_back(waiting: ScheduledReply) -> None:
    """Its text as a draft, unless its writer has begun something else; the timeline has it all the same."""
    _keep(waiting.agent, Writing(uploads=waiting.uploads), kept=False)
    values = {"agent_id": waiting.agent_id, "ticket_id": waiting.ticket_id, "kind": "reply", "sequence": 1}
    html = waiting.html or written_html.from_text(waiting.text)
    statement = insert(Draft).values(values | {"html": html, "updated_at": clock.now()})
    db.session.execute(statement.on_conflict_do_nothing())


def _keep(agent: Agent, writing: Writing, *, kept: bool) -> None:
    """Hold the agent's uploads for the reply, or let them go. Raises Invalid when one is gone or held already."""
    if not writing.uploads:
        return
    mine = (Attachment.agent_id == agent.id, Attachment.message_id.is_(None), Attachment.kept.is_(not kept))
    held = update(Attachment).where(Attachment.id.in_(writing.uploads), *mine).values(kept=kept, created_at=clock.now())
    if len(db.session.scalars(held.returning(Attachment.id)).all()) < len(set(writing.uploads)):
        raise Invalid(_("A file is gone: attach it again."), errors={"uploads": [_("Attach the file again.")]})


def _check_time(send_at: datetime) -> None:
    if not clock.now() < send_at < clock.now() + LONGEST:
        raise Invalid(_("Choose a time within the next year."), errors={"send_at": [_("Choose a later time.")]})
