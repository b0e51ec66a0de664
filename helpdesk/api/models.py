"""The table of answers that were given under an Idempotency-Key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.extensions import Model


class IdempotentRequest(Model):
    """A write that an agent's program named, and its answer. Committed with what the write did, or not at all."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (Index("ix_idempotent_requests_created_at", "created_at"),)

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    """SHA-256 of method, path and body."""
    status: Mapped[int | None]
    """None while the answer is not written yet."""
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    location: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
