"""Writing to a customer: refused when stale, stored with one delivery for each recipient, held for the undo time."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import or_, select

from helpdesk import clock, settings
from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.inboxes.queries import outline
from helpdesk.queue import enqueue_after_commit
from helpdesk.tickets import actions, mentions, queries, tokens
from helpdesk.tickets.incoming.place import PREVIEW_CHARS
from helpdesk.tickets.incoming.thread import remember
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing import below, recipients
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing, store, subject_of_answer
from helpdesk.tickets.timeline import by_agent, record

USUAL = Chosen()


class StaleReply(Conflict):
    """Something arrived that the author has not seen. ``extra["entries"]`` has the ids of what he missed."""

    code = "stale_reply"


def reply(
    agent: Agent,
    number: int,
    writing: Writing,
    *,
    chosen: Chosen = USUAL,
    close: bool = False,
    seen_entry: int | None = None,
    undo_seconds: int | None = None,
) -> Entry:
    """Answer the ticket and commit; returns the entry. ``undo_seconds``: how long it is held (the setting if None).

    Whoever is chosen as a recipient takes part in the ticket from now on.

    Raises NotFound, Invalid when there is nothing to send or nobody to send it to, StaleReply when ``seen_entry`` is
    given and something came after it.
    """
    ticket = queries.locked(agent, number)
    refuse_stale(agent, ticket, seen_entry)
    entry = answer(agent, ticket, writing, chosen=chosen, close=close, undo_seconds=undo_seconds)
    db.session.commit()
    return entry


def answer(
    agent: Agent,
    ticket: Ticket,
    writing: Writing,
    *,
    chosen: Chosen = USUAL,
    close: bool = False,
    undo_seconds: int | None = None,
) -> Entry:
    """Answer a locked ticket within the caller's transaction; the rest as ``reply``."""
    people = recipients.of(ticket, chosen)
    message = store(agent, ticket, writing, "outbound", subject=subject_of_answer(ticket))
    address(message, people)
    below.add(agent, ticket, message)
    held = settings.current().undo_seconds if undo_seconds is None else min(max(undo_seconds, 0), 300)
    queue(ticket, message, people, clock.now() + timedelta(seconds=held))
    before = ticket.status
    entry = record(ticket, "message", by_agent(agent), message=message, data={"status_before": before})
    if ticket.assignee_id is None:
        actions.give(ticket, agent, by_agent(agent))
    ticket.first_response_at = ticket.first_response_at or clock.now()
    _show_last(ticket, message)
    actions.move(ticket, "closed" if close else "open" if before == "new" else before, by_agent(agent))
    return entry


def note(agent: Agent, number: int, writing: Writing) -> Entry:
    """Add an internal note and commit; returns the entry. Raises NotFound, or Invalid when it is empty."""
    entry = jot(agent, queries.locked(agent, number), writing)
    db.session.commit()
    return entry


def jot(agent: Agent, ticket: Ticket, writing: Writing) -> Entry:
    """Add an internal note to a locked ticket within the caller's transaction. Raises Invalid when it is empty."""
    message = store(agent, ticket, writing, "note", subject=subject_of_answer(ticket))
    named = mentions.of(ticket, message.html)
    return record(ticket, "message", by_agent(agent), message=message, data={"mentions": named} if named else {})


def send_automatic(ticket: Ticket, *, subject: str, text: str, html: str, not_before: datetime) -> Message | None:
    """Queue a message that no person wrote to the ticket's customer, within the caller's transaction.

    None, and nothing is sent, when his address has had its share of them today (RFC 3834 §2) or is known not to arrive.
    """
    people = recipients.customer_only(ticket)
    if not recipients.may_get_automatic(ticket.channel, people.to[0]["address"]):
        return None
    message = Message(
        ticket=ticket, direction="outbound", channel=ticket.channel, subject=subject, text=text, html=html,
        visible_text=text, automatic=True, created_at=clock.now(),
    )  # fmt: skip
    address(message, people)
    db.session.add(message)
    queue(ticket, message, people, not_before)
    return message


def address(message: Message, people: recipients.People) -> None:
    """Write down who the message goes to and as whom it is sent."""
    message.to, message.cc, message.bcc = people.to, people.cc, people.bcc
    message.in_reply_to, message.sender = people.answers, people.sender


def queue(ticket: Ticket, message: Message, people: recipients.People, not_before: datetime) -> None:
    """Have the message sent, and let everybody whom it goes to take part in the ticket, in the caller's transaction."""
    post(ticket, message, people, not_before)
    remember([(message.message_id, ticket.id)], [(person["address"], ticket.id) for person in people.all])


def post(ticket: Ticket, message: Message, people: recipients.People, not_before: datetime) -> None:
    """Fix the Message-ID and add one delivery for each recipient, within the caller's transaction."""
    channel = outline(ticket.inbox)
    db.session.flush()
    message.message_id = channel.new_message_id(tokens.make(ticket.id, message.side_conversation_id))
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
    if not_before <= clock.now():
        enqueue_after_commit("helpdesk.jobs.deliver_due", queue="deliver")


def refuse_stale(agent: Agent, ticket: Ticket, seen_entry: int | None) -> None:
    """Raises StaleReply when something came after ``seen_entry`` that is worth reading before one answers.

    That is anything said since, and any change of status by somebody else.
    """
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


def _show_last(ticket: Ticket, message: Message) -> None:
    ticket.last_text = one_line(message.text, PREVIEW_CHARS)
    ticket.last_direction, ticket.last_at, ticket.unread = "outbound", clock.now(), False
