"""Tables of mail that waits for a person's decision, and of the senders whose mail is set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.models import Agent
from helpdesk.extensions import Model
from helpdesk.inboxes.models import Inbox, Received


class Suspension(Model):
    """A received item that was read but not placed: no ticket, no customer, in no queue until somebody accepts it."""

    __tablename__ = "suspensions"
    __table_args__ = (
        CheckConstraint("decision in ('accepted', 'rejected')", name="decision"),
        Index("ix_suspensions_waiting", "inbox_id", "id", postgresql_where="decision is null"),
        Index("ix_suspensions_decided", "inbox_id", "id", postgresql_where="decision is not null"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    received_id: Mapped[int] = mapped_column(ForeignKey("received.id"), unique=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id"))
    reason: Mapped[str]
    """One of helpdesk.tickets.screening.Reason."""
    sender: Mapped[str]
    sender_name: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str] = mapped_column(server_default="")
    preview: Mapped[str] = mapped_column(server_default="")
    server: Mapped[str] = mapped_column(server_default="")
    """Our own server that judged the sender; ``findings`` is what it said: ``dmarc=fail, spf=fail``."""
    findings: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    """Who decided; nobody when the sender had been blocked before."""

    inbox: Mapped[Inbox] = relationship()
    received: Mapped[Received] = relationship()
    agent: Mapped[Agent | None] = relationship()


class BlockedSender(Model):
    """An address whose mail is rejected unless a person is proven to write it; its bytes are kept all the same."""

    __tablename__ = "blocked_senders"

    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
