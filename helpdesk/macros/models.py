"""Tables of macros, and of what each run of one has changed, so that it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.sharing import Shared, one_owner
from helpdesk.canned.models import CannedReply
from helpdesk.extensions import Model


class Macro(Shared, Model):
    """Several changes of a ticket, a note and a reply, done by one key. ``steps``: helpdesk.macros.steps.Steps."""

    __tablename__ = "macros"
    __table_args__ = (one_owner(), CheckConstraint("key in ('', '1', '2', '3', '4', '5', '6', '7', '8', '9')", name="key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    key: Mapped[str] = mapped_column(server_default="")
    steps: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    canned_reply_id: Mapped[int | None] = mapped_column(ForeignKey("canned_replies.id", ondelete="RESTRICT"), index=True)
    uses: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    canned: Mapped[CannedReply | None] = relationship()


class MacroRun(Model):
    """One run: what the ticket had ``before`` and ``after`` it, and what was written."""

    __tablename__ = "macro_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]
