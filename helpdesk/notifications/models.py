"""Tables of what agents are told, and of who follows which ticket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.extensions import Model
from helpdesk.tickets.models import Ticket

KINDS = (
    "mentioned", "assigned", "side_message", "delivery_failed", "delivery_unknown", "stopped", "reopened", "replied",
    "followed",
)  # fmt: skip
"""What an agent can be told; of several reasons for one entry the first of these counts."""


class Notification(Model):
    """What one agent is told about one entry, once for each kind."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("entry_id", "agent_id", "kind"),
        Index("ix_notifications_agent_id", "agent_id", "id"),
        Index("ix_notifications_unread", "agent_id", "ticket_id", postgresql_where="read_at is null"),
        Index("ix_notifications_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    kind: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    actor_name: Mapped[str] = mapped_column(server_default="")
    recipient: Mapped[str] = mapped_column(server_default="")
    """Of a delivery: the address that it did not reach."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    read_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()


class Follower(Model):
    """An agent who wants to hear of a ticket, or (``following`` false) who has had enough of it: he is not added again."""

    __tablename__ = "followers"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True, index=True)
    following: Mapped[bool] = mapped_column(server_default="true")
