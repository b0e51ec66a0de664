"""Tables of surveys: what is asked when, and each invitation with its response."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.customers.models import Customer
from helpdesk.extensions import Model
from helpdesk.tickets.models import Ticket


class Survey(Model):
    """A survey that goes out by itself when a ticket closes. ``throttle_days``: at most one a customer in that time."""

    __tablename__ = "surveys"
    __table_args__ = (CheckConstraint("kind in ('csat', 'nps', 'ces')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(server_default="csat")
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    throttle_days: Mapped[int] = mapped_column(server_default="7")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Invitation(Model):
    """One survey sent to one customer about one ticket, once; and his response when it comes."""

    __tablename__ = "survey_invitations"
    __table_args__ = (
        UniqueConstraint("survey_id", "ticket_id"),
        Index("ix_survey_invitations_customer_id", "customer_id", "created_at"),
        Index("ix_survey_invitations_answered_at", "answered_at", "id", postgresql_where="answered_at is not null"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime | None]

    survey: Mapped[Survey] = relationship()
    ticket: Mapped[Ticket] = relationship()
    customer: Mapped[Customer] = relationship()
