"""Tables of the promises made to customers: the targets, and the running clocks of each ticket."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.extensions import Model

KINDS = ("first_response", "next_response", "resolution")


class Target(Model):
    """How long a clock of one kind may run for a ticket of one priority, in minutes of clock time."""

    __tablename__ = "sla_targets"

    kind: Mapped[str] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[int]


class Deadline(Model):
    """One SLA clock of one ticket: running until it is met or dropped."""

    __tablename__ = "deadlines"
    __table_args__ = (
        CheckConstraint("kind in ('first_response', 'next_response', 'resolution')", name="kind"),
        UniqueConstraint("ticket_id", "kind", "started_at"),
        Index("uq_deadlines_running", "ticket_id", "kind", unique=True, postgresql_where="ended_at is null"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    kind: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    met: Mapped[bool | None]
