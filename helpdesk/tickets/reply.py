"""Writing to a customer: refused when stale, stored with one delivery for each recipient, held for the undo time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select

from channels.html_text import html_to_text
from helpdesk import clock, settings, written_html
from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes.queries import connector
from helpdesk.queue import enqueue_after_commit
from helpdesk.tickets import actions, queries, recipients, tokens
from helpdesk.tickets.models import Attachment, Delivery, Entry, Message, Ticket
from helpdesk.tickets.place import PREVIEW_CHARS
from helpdesk.tickets.thread import remember
from helpdesk.tickets.timeline import by_agent, record


class StaleReply(Conflict):
    """Something arrived that the author has not seen. ``extra["entries"]`` has the ids of what he missed."""

    code = "stale_reply"


@dataclass(frozen=True, slots=True)
class Writing:
    """What an agent has written: text, or HTML from which the text is made; ids of his uploads."""

    text: str = ""
    html: str = ""
    uploads: Sequence[int] = field(default_factory=tuple)


def reply(
    agent: Agent,
    number: int,
    writing: Writing,
    *,
    cc: Sequence[str] | None = None,
    close: bool = False,
    seen_entry: int | None = None,
    undo_seconds: int | None = None,
) -> Entry:
    """Answer the ticket and commit; returns the entry. ``undo_seconds``: how long it is held (the setting if None).

    Raises NotFound, Invalid when there is nothing to send or nobody to send it to, StaleReply when ``seen_entry`` is
    given and something came after it.
    """
    ticket = queries.locked(agent, number)
    _refuse_stale(agent, ticket, seen_entry)
    people = recipients.of(ticket, cc)
    message = _store(agent, ticket, writing, "outbound")
    message.to, message.cc = [people.to], people.cc
    held = settings.current().undo_seconds if undo_seconds is None else min(max(undo_seconds, 0), 300)
    queue(ticket, message, people, clock.now() + timedelta(seconds=held))
    before = ticket.status
    entry = record(ticket, "message", by_agent(agent), message=message, data={"status_before": before})
    if ticket.assignee_id is None:
        actions.give(ticket, agent, by_agent(agent))
    ticket.first_response_at = ticket.first_response_at or clock.now()
    _show_last(ticket, message)
    actions.move(ticket, "closed" if close else "open" if before == "new" else before, by_agent(agent))
    db.session.commit()
    return entry


def note(agent: Agent, number: int, writing: Writing) -> Entry:
    """Add an internal note and commit; returns the entry. Raises NotFound, or Invalid when it is empty."""
    ticket = queries.locked(agent, number)
    message = _store(agent, ticket, writing, "note")
    entry = record(ticket, "message", by_agent(agent), message=message)
    db.session.commit()
    return entry


def send_automatic(ticket: Ticket, *, subject: str, text: str, html: str, not_before: datetime) -> Message | None:
    """Queue a message that no person wrote to the ticket's customer, within the caller's transaction.

    None, and nothing is sent, when his address has had its share of them today (RFC 3834 §2) or is known not to arrive.
    """
    people = recipients.customer_only(ticket)
    if not recipients.may_get_automatic(ticket.channel, people.to["address"]):
        return None
    message = Message(
        ticket=ticket, direction="outbound", channel=ticket.channel, subject=subject, text=text, html=html,
        visible_text=text, automatic=True, to=[people.to], created_at=clock.now(),
    )  # fmt: skip
    db.session.add(message)
    queue(ticket, message, people, not_before)
    return message


def queue(ticket: Ticket, message: Message, people: recipients.People, not_before: datetime) -> None:
    """Fix the Message-ID and add one delivery for each recipient, within the caller's transaction."""
    channel = connector(ticket.inbox)
    db.session.flush()
    message.message_id = channel.new_message_id(tokens.make(ticket.id))
    message.in_reply_to = people.answers
    for person in people.all:
        message.deliveries.append(
            Delivery(
                inbox_id=ticket.inbox_id,
                recipient=person["address"],
                recipient_name=person["name"],
                provider_id=message.message_id,
                next_attempt_at=not_before,
            )
        )
    remember([(message.message_id, ticket.id)], [(person["address"], ticket.id) for person in people.all])
    if not_before <= clock.now():
        enqueue_after_commit("helpdesk.jobs.deliver_due", queue="deliver")


def _refuse_stale(agent: Agent, ticket: Ticket, seen_entry: int | None) -> None:
    """Anything said since, and any change of status by somebody else, is worth reading before answering."""
    if seen_entry is None:
        return
    others = or_(Entry.actor_kind != "agent", Entry.actor_id != agent.id)
    missed = db.session.scalars(
        select(Entry.id)
        .where(
            Entry.ticket_id == ticket.id,
            Entry.id > seen_entry,
            or_(Entry.kind.in_(("message", "survey_answered")), (Entry.kind == "status") & others),
        )
        .order_by(Entry.id)
    ).all()
    if missed:
        db.session.rollback()
        raise StaleReply(
            _("Something new has arrived on this ticket. Read it before you send."), extra={"entries": list(missed)}
        )


def _store(agent: Agent, ticket: Ticket, writing: Writing, direction: str) -> Message:
    html = written_html.clean_written(writing.html) if writing.html else ""
    text = storable(writing.text or html_to_text(html)).strip()
    files = _uploads(agent, writing.uploads)
    if not text and not files and "<img" not in html:
        raise Invalid(_("There is nothing to send yet: write something first."), errors={"text": [_("Write something.")]})
    message = Message(
        ticket=ticket, direction=direction, channel=ticket.channel, agent=agent, subject=_subject(ticket), text=text,
        html=storable(html), visible_text=text, created_at=clock.now(),
    )  # fmt: skip
    message.attachments = files
    for position, file in enumerate(files):
        file.position = position
    db.session.add(message)
    return message


def _uploads(agent: Agent, ids: Sequence[int]) -> list[Attachment]:
    if not ids:
        return []
    statement = select(Attachment).where(
        Attachment.id.in_(ids), Attachment.agent_id == agent.id, Attachment.message_id.is_(None)
    )
    found = {file.id: file for file in db.session.scalars(statement.with_for_update())}
    if len(found) < len(set(ids)):
        raise Invalid(_("A file is gone: attach it again."), errors={"uploads": [_("Attach the file again.")]})
    return [found[key] for key in dict.fromkeys(ids)]


def _subject(ticket: Ticket) -> str:
    plain = ticket.subject if ticket.subject.lower().startswith("re:") else f"Re: {ticket.subject}"
    return plain if f"[#{ticket.id}]" in plain else f"{plain} [#{ticket.id}]"


def _show_last(ticket: Ticket, message: Message) -> None:
    ticket.last_text = one_line(message.text, PREVIEW_CHARS)
    ticket.last_direction, ticket.last_at, ticket.unread = "outbound", clock.now(), False
