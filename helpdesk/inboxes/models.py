"""Tables of configured addresses, the cursors of their listeners, and the ledger of everything received."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from channels.messages import RawItem
from helpdesk.agents.models import Team
from helpdesk.extensions import Model


class Inbox(Model):
    """One configured address of a channel. Secrets are encrypted at rest and only ever written."""

    __tablename__ = "inboxes"
    __table_args__ = (
        UniqueConstraint("channel", "address"),
        CheckConstraint("receive_state in ('unknown', 'ok', 'failing')", name="receive_state"),
        CheckConstraint("send_state in ('unknown', 'ok', 'failing')", name="send_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    name: Mapped[str]
    address: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    """The unguessable part of its hook URL."""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    language: Mapped[str] = mapped_column(server_default="en")
    enabled: Mapped[bool] = mapped_column(server_default="true")
    settings: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    settings_version: Mapped[int] = mapped_column(server_default="1")
    """Raised by every change of settings, so that a listener knows to reconnect."""
    receive_state: Mapped[str] = mapped_column(server_default="unknown")
    receive_code: Mapped[str] = mapped_column(server_default="")
    receive_detail: Mapped[str] = mapped_column(server_default="")
    receive_since: Mapped[datetime | None]
    receive_problems: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What each failing source last said: source → {"code", "detail"}."""
    send_state: Mapped[str] = mapped_column(server_default="unknown")
    send_code: Mapped[str] = mapped_column(server_default="")
    send_detail: Mapped[str] = mapped_column(server_default="")
    send_since: Mapped[datetime | None]
    send_retry_at: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    comparison: Mapped[dict[str, Any] | None]
    """What the last comparison with the server found: a reconcile.Comparison."""
    last_in_at: Mapped[datetime | None]
    last_out_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    team: Mapped[Team | None] = relationship()


class InboxCursor(Model):
    """Where a listener has read one source of an inbox up to; committed with what it read."""

    __tablename__ = "inbox_cursors"

    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Received(Model):
    """One raw inbound item: the bytes exactly as they came, before anything interprets them."""

    __tablename__ = "received"
    __table_args__ = (
        UniqueConstraint("inbox_id", "source_key"),
        CheckConstraint("status in ('pending', 'done', 'ignored', 'quarantined')", name="status"),
        Index("ix_received_pending", "inbox_id", "id", postgresql_where="status = 'pending'"),
        Index("ix_received_quarantined", "id", postgresql_where="status = 'quarantined'"),
        Index("ix_received_content", "inbox_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id"))
    source: Mapped[str] = mapped_column(server_default="")
    """The place that it was listened for; empty for what a webhook brought."""
    source_key: Mapped[str]
    sha256: Mapped[bytes]
    size: Mapped[int]
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    meta: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    status: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str] = mapped_column(server_default="")
    """Why it is quarantined (time, memory, crash, fatal, failed) or ignored without reading (history, copy)."""
    error: Mapped[str] = mapped_column(server_default="")
    next_attempt_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    done_at: Mapped[datetime | None]

    inbox: Mapped[Inbox] = relationship()

    @property
    def item(self) -> RawItem:
        """The item as its channel knows it."""
        return RawItem(self.source_key, bytes(self.raw), self.meta)
