"""The table of what providers have granted: tokens, sealed, with what people may know of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.models import Agent
from helpdesk.extensions import Model


class Grant(Model):
    """What the owner of one inbox consented to. Tokens are encrypted at rest and never shown."""

    __tablename__ = "inbox_grants"

    inbox_id: Mapped[int] = mapped_column(ForeignKey("inboxes.id", ondelete="CASCADE"), primary_key=True)
    binding: Mapped[str]
    """Whom the tokens are for and where they go (channels.consent.Consent.binding): for other settings they are no good."""
    tokens: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed: ``access`` and ``refresh``."""
    account: Mapped[str] = mapped_column(server_default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    """Who connected it."""
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    renewed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    """Until when the access token is good."""
    ends_at: Mapped[datetime | None]
    """When consent must be given again; empty when nobody knows."""
    ends_unused: Mapped[bool] = mapped_column(server_default="false")
    """Only if it is not used before."""
    refused_at: Mapped[datetime | None]
    """Since when the provider refuses to renew it: nobody asks him again until consent is given anew."""
    refused_detail: Mapped[str] = mapped_column(server_default="")

    agent: Mapped[Agent | None] = relationship()
