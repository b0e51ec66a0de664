"""The table of replies that are sent later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.models import Agent
from helpdesk.extensions import Model
from helpdesk.tickets.models import Entry


class ScheduledReply(Model):
    """A reply that waits for its time; the transaction that ends its waiting makes a message of it."""

    __tablename__ = "scheduled_replies"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'sent', 'stopped', 'cancelled')", name="status"),
        Index("ix_scheduled_replies_due", "send_at", postgresql_where="status = 'waiting'"),
        Index("ix_scheduled_replies_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    """Its line of the timeline; what is said after it stops the reply."""
    text: Mapped[str] = mapped_column(Text, server_default="")
    html: Mapped[str] = mapped_column(Text, server_default="")
    uploads: Mapped[list[Any]] = mapped_column(server_default="[]")
    chosen: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    close: Mapped[bool] = mapped_column(server_default="false")
    send_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="waiting")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    agent: Mapped[Agent] = relationship()
    entry: Mapped[Entry] = relationship()
