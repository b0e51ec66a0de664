"""Tables of tickets, what was said on them, the one timeline, and what is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    func,
)
from sqlalchemy import (
    Identity as AutoNumber,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.models import Agent, Team
from helpdesk.customers.models import Customer, Identity
from helpdesk.extensions import Model, db
from helpdesk.inboxes.models import Inbox

Status = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
STATUSES: tuple[Status, ...] = get_args(Status)
WORKING: tuple[Status, ...] = ("new", "open", "pending", "on_hold")
PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}

IS_WORKING = "status in ('new', 'open', 'pending', 'on_hold')"
TEAM_KEY = "coalesce(team_id, 0)"
"""The team as an index key; 0 stands for no team, which every agent sees."""
QUEUE_AT = "coalesce(due_at, 'infinity'::timestamptz)"
"""The order of every queue: nearest deadline first, tickets without one last."""


class Ticket(Model):
    """One matter of one customer. Its id is its human number; ``version`` rises with every visible change."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("status in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed')", name="status"),
        CheckConstraint("priority between 1 and 4", name="priority"),
        CheckConstraint("merged_into_id is null or merged_into_id <> id", name="merged_into_other"),
        Index("ix_tickets_queue", db.text(TEAM_KEY), db.text(QUEUE_AT), "id", postgresql_where=IS_WORKING),
        Index(
            "ix_tickets_unassigned",
            db.text(TEAM_KEY),
            db.text(QUEUE_AT),
            "id",
            postgresql_where=f"{IS_WORKING} and assignee_id is null",
        ),
        Index("ix_tickets_mine", "assignee_id", db.text(TEAM_KEY), db.text(QUEUE_AT), "id", postgresql_where=IS_WORKING),
        Index(
            "ix_tickets_finished",
            db.text(TEAM_KEY),
            db.text("updated_at desc"),
            db.text("id desc"),
            postgresql_where=f"not ({IS_WORKING})",
        ),
        Index("ix_tickets_created", db.text(TEAM_KEY), "created_at", "id"),
        Index("ix_tickets_updated", db.text(TEAM_KEY), "updated_at", "id"),
        Index("ix_tickets_assignee", "assignee_id", "created_at", "id", postgresql_where="assignee_id is not null"),
        Index("ix_tickets_inbox", "inbox_id", "created_at", "id"),
        Index("ix_tickets_customer_id", "customer_id", db.text("id desc")),
        Index("ix_tickets_merged_into_id", "merged_into_id", postgresql_where="merged_into_id is not null"),
        Index("ix_tickets_search", db.text("to_tsvector('simple', search_text)"), postgresql_using="gin"),
        Index("ix_tickets_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(AutoNumber(start=1001), primary_key=True)
    subject: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="new")
    priority: Mapped[int] = mapped_column(server_default="2")
    channel: Mapped[str]
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    """The ticket that took this one over (helpdesk.tickets.merging): all that was said here is read and answered there."""
    tags: Mapped[list[str]] = mapped_column(ARRAY(String), server_default="{}")
    automatic: Mapped[bool] = mapped_column(server_default="false")
    """Opened by a machine: never surveyed or answered automatically."""
    version: Mapped[int] = mapped_column(server_default="1")
    unread: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    first_response_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    """The nearest running deadline: the one clock of its row."""
    due_kind: Mapped[str | None]
    doubted: Mapped[bool] = mapped_column(server_default="false")
    """The newest message from outside failed our server's check of its sender."""
    last_text: Mapped[str] = mapped_column(server_default="")
    last_direction: Mapped[str] = mapped_column(server_default="inbound")
    last_at: Mapped[datetime] = mapped_column(server_default=func.now())
    search_text: Mapped[str] = mapped_column(Text, server_default="", deferred=True)
    """Words of the subject, the customer and his address (helpdesk.folding.words)."""

    inbox: Mapped[Inbox] = relationship()
    customer: Mapped[Customer] = relationship(back_populates="tickets")
    team: Mapped[Team | None] = relationship()
    assignee: Mapped[Agent | None] = relationship()
    deadlines: Mapped[list[Any]] = relationship("Deadline", order_by="Deadline.id", passive_deletes=True)
    """Its SLA clocks (helpdesk.sla.models.Deadline)."""
    followers: Mapped[list[Any]] = relationship("Follower", viewonly=True)
    """Who hears of it (helpdesk.notifications.models.Follower)."""
    scheduled: Mapped[list[Any]] = relationship("ScheduledReply", viewonly=True)
    """Replies that were to be sent later (helpdesk.scheduled.models.ScheduledReply)."""

    @property
    def number(self) -> int:
        return self.id

    @property
    def priority_name(self) -> str:
        return PRIORITY_NAMES[self.priority]

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def facets(self) -> dict[str, Any]:
        """What a view's filter can ask, for screens that must decide whether a changed row belongs to them."""
        return {
            "number": self.id,
            "status": self.status,
            "priority": self.priority_name,
            "team": self.team_id,
            "assignee": self.assignee_id,
            "inbox": self.inbox_id,
            "channel": self.channel,
            "tags": self.tags,
            "unread": self.unread,
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "updated_at": self.updated_at.isoformat(),
        }


class Participant(Model):
    """An address that takes part in a ticket: only participants' replies thread into it."""

    __tablename__ = "participants"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)


class ThreadReference(Model):
    """A Message-ID that was seen on a ticket, ours or anybody's, so that a later reply to it finds the ticket."""

    __tablename__ = "thread_references"

    reference: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, index=True)


class Message(Model):
    """What was said. ``visible_text`` is the new part of ``text``; HTML is kept as it came and sanitised when shown."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("direction in ('inbound', 'outbound', 'note')", name="direction"),
        Index("ix_messages_received_id", "received_id", unique=True, postgresql_where="received_id is not null"),
        Index(
            "ix_messages_side_conversation_id",
            "side_conversation_id",
            "id",
            postgresql_where="side_conversation_id is not null",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    direction: Mapped[str]
    channel: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identities.id"))
    received_id: Mapped[int | None] = mapped_column(ForeignKey("received.id"))
    side_conversation_id: Mapped[int | None] = mapped_column(ForeignKey("side_conversations.id"))
    """The side conversation that it belongs to; the customer neither wrote nor sees such a message."""
    subject: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str] = mapped_column(Text, server_default="")
    html: Mapped[str] = mapped_column(Text, server_default="")
    visible_text: Mapped[str] = mapped_column(Text, server_default="")
    to: Mapped[list[Any]] = mapped_column(server_default="[]")
    cc: Mapped[list[Any]] = mapped_column(server_default="[]")
    bcc: Mapped[list[Any]] = mapped_column(server_default="[]")
    """Who got a copy that no header shows: for our own agents' eyes only."""
    sender: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """As whom it was sent, when not as the inbox; or who wrote it, when he is no customer (a side conversation)."""
    signature: Mapped[str] = mapped_column(Text, server_default="")
    """What is sent below the text, as text."""
    quoted: Mapped[list[Any]] = mapped_column(server_default="[]")
    """Ids of the messages that are sent along below it, newest first."""
    message_id: Mapped[str] = mapped_column(server_default="")
    in_reply_to: Mapped[str] = mapped_column(server_default="")
    automatic: Mapped[bool] = mapped_column(server_default="false")
    defects: Mapped[list[Any]] = mapped_column(server_default="[]")
    cards: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What it is besides words and files: ``invitation`` and ``protection`` (channels.mime.kinds), where it is."""
    origin: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """Why it landed here: helpdesk.tickets.incoming.origin."""
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    ticket: Mapped[Ticket] = relationship()
    agent: Mapped[Agent | None] = relationship()
    identity: Mapped[Identity | None] = relationship()
    side_conversation: Mapped[SideConversation | None] = relationship()
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.position", back_populates="message")
    deliveries: Mapped[list[Delivery]] = relationship(order_by="Delivery.id", back_populates="message")


class SideConversation(Model):
    """A matter of a ticket talked over with a third party (a supplier), apart from the customer.

    ``people`` are the addresses that take part: only their answers join it, and none of them takes part in the ticket.
    """

    __tablename__ = "side_conversations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    subject: Mapped[str]
    people: Mapped[list[Any]] = mapped_column(server_default="[]")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    ticket: Mapped[Ticket] = relationship()
    agent: Mapped[Agent | None] = relationship()


class Blob(Model):
    """Bytes of attachments, once for each content."""

    __tablename__ = "blobs"

    sha256: Mapped[bytes] = mapped_column(primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Attachment(Model):
    """A file of a message. An upload that waits for its message has none yet, and its agent instead."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("message_id is not null or agent_id is not null", name="owner"),
        Index("ix_attachments_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    position: Mapped[int] = mapped_column(server_default="0")
    filename: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(ForeignKey("blobs.sha256"), index=True)
    inline: Mapped[bool] = mapped_column(server_default="false")
    content_id: Mapped[str] = mapped_column(server_default="")
    kept: Mapped[bool] = mapped_column(server_default="false")
    """Something beside a message needs it (a canned reply, a reply that is sent later): not for use by others."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    message: Mapped[Message | None] = relationship(back_populates="attachments")
    blob: Mapped[Blob] = relationship()


class Entry(Model):
    """One line of the timeline: always of a customer, mostly also of a ticket. Handled once by the reactions."""

    __tablename__ = "entries"
    __table_args__ = (
        CheckConstraint("actor_kind in ('customer', 'agent', 'system', 'third_party')", name="actor_kind"),
        Index("ix_entries_ticket_id", "ticket_id", "id"),
        Index("ix_entries_customer_id", "customer_id", "id"),
        Index("ix_entries_unreacted", "ticket_id", "id", postgresql_where="reacted_at is null"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    came_from_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    """The merged ticket that it belongs to: it happened there, or came in through that ticket's mails."""
    kind: Mapped[str]
    occurred_at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_kind: Mapped[str] = mapped_column(server_default="system")
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(server_default="")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    channel: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    reacted_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    """When reactions that failed are tried again."""

    customer: Mapped[Customer] = relationship()
    ticket: Mapped[Ticket | None] = relationship(foreign_keys=[ticket_id])
    message: Mapped[Message | None] = relationship()


DeliveryStatus = Literal["queued", "sending", "sent", "delivered", "read", "failed", "unknown", "cancelled"]


class Delivery(Model):
    """One attempt-tracked sending of one outbound message to one recipient."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint(
            "status in ('queued','sending','sent','delivered','read','failed','unknown','cancelled')", name="status"
        ),
        Index("ix_deliveries_due", "next_attempt_at", "id", postgresql_where="status = 'queued'"),
        Index("ix_deliveries_sending", "id", postgresql_where="status = 'sending'"),
        Index("ix_deliveries_provider_id", "inbox_id", "provider_id"),
        Index("ix_deliveries_recipient", "recipient", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id"))
    recipient: Mapped[str]
    recipient_name: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handed_over_at: Mapped[datetime | None]
    """Set just before the provider becomes responsible: dead before it, send again; dead after it, unknown."""
    provider_id: Mapped[str] = mapped_column(server_default="")
    code: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[str] = mapped_column(server_default="")
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    message: Mapped[Message] = relationship(back_populates="deliveries")
    inbox: Mapped[Inbox] = relationship()


class Draft(Model):
    """What an agent has typed and not sent; his colleagues see that it exists."""

    __tablename__ = "drafts"
    __table_args__ = (Index("ix_drafts_ticket_id", "ticket_id"),)

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str]
    html: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(server_default="0")
    """The client's own counter: a save that overtakes a later one is dropped."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
