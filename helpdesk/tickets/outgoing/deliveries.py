"""What can be said of and done to deliveries without sending them: showing, undoing, trying again."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from helpdesk import clock, live
from helpdesk.agents.models import Agent
from helpdesk.customers import reach
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.queue import enqueue_after_commit
from helpdesk.tickets import queries, tokens
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.timeline import SYSTEM, by_agent, changed, record


def show(delivery: Delivery) -> None:
    """After the commit, show the delivery's state where its message is; a failure is a line of the timeline too."""
    live.message_changed(delivery.message_id)
    if delivery.status not in ("failed", "unknown"):
        return
    message = delivery.message
    if delivery.status == "failed" and delivery.code == "recipient":
        reach.mark(message.channel, delivery.recipient, delivery.detail)
    kind = f"delivery_{delivery.status}"
    data = {"delivery": delivery.id, "recipient": delivery.recipient, "code": delivery.code, "detail": delivery.detail}
    record(message.ticket, kind, SYSTEM, data=data)


def undo(agent: Agent, number: int, message_id: int) -> Message:
    """Take back a reply that has not left yet, and commit. What it changed (the status) goes back with it.

    Raises NotFound, or Conflict when any copy is already on its way.
    """
    message = take_back(agent, queries.locked(agent, _ticket_of(number, Message.id == message_id)), message_id)
    db.session.commit()
    return message


def take_back(agent: Agent, ticket: Ticket, message_id: int) -> Message:
    """The same on a locked ticket, within the caller's transaction."""
    message = db.session.get(Message, message_id)
    if message is None or message.ticket_id != ticket.id or message.agent_id != agent.id:
        raise NotFound(_("This message does not exist, or is not yours."))
    deliveries = db.session.scalars(
        select(Delivery).where(Delivery.message_id == message.id).order_by(Delivery.id).with_for_update()
    ).all()
    if not deliveries or any(delivery.status not in ("queued", "cancelled") for delivery in deliveries):
        raise Conflict(_("It is too late to take this message back: it is already on its way."))
    for delivery in deliveries:
        delivery.status = "cancelled"
    entry = db.session.scalars(select(Entry).where(Entry.message_id == message.id)).one()
    if not entry.data.get("undone"):
        entry.data = {**entry.data, "undone": True}
        is_here = tokens.ticket_of(message.message_id) == ticket.id  # not merged or split off since
        before = entry.data.get("status_before") if is_here else None
        if before and before != ticket.status:
            data = {"from": ticket.status, "to": before, "undo": True}
            ticket.status, ticket.closed_at = before, None
            record(ticket, "status", by_agent(agent), data=data)
        live.message_changed(message.id)
        changed(ticket)
    return message


def retry(agent: Agent, number: int, delivery_id: int) -> Delivery:
    """Send a failed, unknown or taken-back delivery again, by an agent's decision, and commit."""
    ticket = queries.locked(agent, _ticket_of(number, Message.deliveries.any(Delivery.id == delivery_id)))
    delivery = db.session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.message.ticket_id != ticket.id:
        raise NotFound(_("This message does not exist, or is not yours."))
    if delivery.status not in ("failed", "unknown"):
        raise Conflict(_("This message is not waiting for a decision."))
    delivery.status, delivery.attempts, delivery.handed_over_at = "queued", 0, None
    delivery.code = delivery.detail = ""
    delivery.next_attempt_at = clock.now()
    live.message_changed(delivery.message_id)
    enqueue_after_commit("helpdesk.jobs.deliver_due", queue="deliver")
    db.session.commit()
    return delivery


def _ticket_of(number: int, which: ColumnElement[bool]) -> int:
    """Where the message is now: the ticket on which somebody saw it may have been merged or split meanwhile."""
    return db.session.scalar(select(Message.ticket_id).where(which)) or number
