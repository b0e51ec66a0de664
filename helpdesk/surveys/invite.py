"""Inviting to a survey: once a ticket, when it is first finished, and taken back when it is reopened in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from channels import registry
from helpdesk import clock, live, settings
from helpdesk.customers.models import Customer, Identity
from helpdesk.extensions import db
from helpdesk.inboxes.queries import own_addresses
from helpdesk.surveys import mail
from helpdesk.surveys.models import Invitation, Survey
from helpdesk.tickets.models import WORKING, Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.timeline import SYSTEM, changed, record

AFTER_REPLIES = timedelta(seconds=5)
"""From the last held reply's hour to the invitation: a reply that is taken back takes the invitation with it."""


def follow(ticket: Ticket, entry: Entry) -> None:
    """Invite when the ticket is finished; take an invitation back when it goes on before that has left."""
    if entry.kind == "merged_into":
        _withdraw(ticket)
    if entry.kind != "status":
        return
    if ticket.is_working:
        _withdraw(ticket)
    elif entry.data.get("from") in WORKING:
        _invite(ticket)


def _invite(ticket: Ticket) -> None:
    survey = db.session.scalar(select(Survey).where(Survey.active, Survey.kind == "csat").order_by(Survey.id).limit(1))
    if survey is None or not _may_be_asked(ticket) or _was_asked_lately(ticket, survey):
        return
    invitation = _add(survey, ticket)
    if invitation is None:
        return
    written = mail.write(invitation)
    message = reply.send_automatic(
        ticket, subject=written.subject, text=written.text, html=written.html, not_before=_leaves_at(ticket)
    )
    if message is None:
        db.session.delete(invitation)
        return
    db.session.flush()
    invitation.message_id = message.id
    record(ticket, "survey_sent", SYSTEM, message=message, data={"invitation": invitation.id, "kind": survey.kind})


def _may_be_asked(ticket: Ticket) -> bool:
    """Whether a person wrote this ticket, and an invitation can reach him where he wrote."""
    if ticket.automatic or not registry.get(ticket.channel).capabilities.survey:
        return False
    wrote = exists().where(
        Message.ticket_id == ticket.id,
        Message.side_conversation_id.is_(None),
        Message.direction == "inbound",
        Message.automatic.is_(False),
    )
    reachable = exists().where(
        Identity.customer_id == ticket.customer_id,
        Identity.channel == ticket.channel,
        Identity.address.not_in(own_addresses(ticket.channel)),
    )
    return bool(db.session.scalar(select(wrote & reachable)))


def _was_asked_lately(ticket: Ticket, survey: Survey) -> bool:
    """Whether the customer was invited within the throttle. His row stays locked: two tickets may close at once."""
    db.session.execute(select(Customer.id).where(Customer.id == ticket.customer_id).with_for_update(key_share=True))
    since = clock.now() - timedelta(days=survey.throttle_days)
    asked = exists().where(Invitation.customer_id == ticket.customer_id, Invitation.created_at > since)
    return bool(db.session.scalar(select(asked)))


def _add(survey: Survey, ticket: Ticket) -> Invitation | None:
    """The new invitation; None when this ticket has had one."""
    values = {
        "survey_id": survey.id, "ticket_id": ticket.id, "customer_id": ticket.customer_id, "created_at": clock.now(),
    }  # fmt: skip
    statement = insert(Invitation).values(values).on_conflict_do_nothing().returning(Invitation)
    return db.session.scalar(statement)


def _leaves_at(ticket: Ticket) -> datetime:
    """After the configured delay, and after every reply of this ticket that is still held."""
    held = db.session.scalar(
        select(func.max(Delivery.next_attempt_at))
        .join(Message)
        .where(Message.ticket_id == ticket.id, Delivery.status.in_(("queued", "sending")))
    )
    at = clock.now() + timedelta(seconds=settings.current().survey_delay_seconds)
    return at if held is None else max(at, held + AFTER_REPLIES)


def _withdraw(ticket: Ticket) -> None:
    """Cancel an invitation that has not left, so that a later close invites again."""
    invitation = db.session.scalar(select(Invitation).where(Invitation.ticket_id == ticket.id).with_for_update())
    if invitation is None or invitation.answered_at is not None:
        return
    deliveries = db.session.scalars(
        select(Delivery).where(Delivery.message_id == invitation.message_id).with_for_update()
    ).all()
    if not deliveries or any(delivery.status != "queued" for delivery in deliveries):
        return
    for delivery in deliveries:
        delivery.status = "cancelled"
    entry = db.session.scalars(select(Entry).where(Entry.message_id == invitation.message_id)).one()
    entry.data = {**entry.data, "withdrawn": True}
    live.entry_added(entry)
    changed(ticket)
    db.session.delete(invitation)
