"""Tables of tickets that became one, of what was split off one, and of those that belong together."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.models import Agent
from helpdesk.extensions import Model
from helpdesk.tickets.models import Ticket

LinkKind = Literal["related", "parent"]


class TicketMerge(Model):
    """What one merge moved and changed, so that undoing it restores exactly what was before."""

    __tablename__ = "ticket_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    moved: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]

    agent: Mapped[Agent | None] = relationship()


class TicketSplit(Model):
    """What was taken out of one ticket to make another, so that it can be put back."""

    __tablename__ = "ticket_splits"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    made_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    moved: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]


class TicketLink(Model):
    """Two tickets that belong together. Of a ``parent`` link ``one`` is the parent; of a ``related`` one, the older."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        CheckConstraint("kind in ('related', 'parent')", name="kind"),
        CheckConstraint("one_id <> other_id", name="two_tickets"),
        UniqueConstraint("one_id", "other_id"),
        Index("ix_ticket_links_other_id", "other_id"),
        Index("uq_ticket_links_parent", "other_id", unique=True, postgresql_where="kind = 'parent'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    one_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    one: Mapped[Ticket] = relationship(foreign_keys=[one_id])
    other: Mapped[Ticket] = relationship(foreign_keys=[other_id])
