"""Tables of customers, their identities on the channels, and merges that can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.extensions import Model, db


class Customer(Model):
    """One person, reachable through his identities. A merged customer points to the one that took him over."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("merged_into_id is null or merged_into_id <> id", name="merged_into_other"),
        Index("ix_customers_merged_into_id", "merged_into_id", postgresql_where="merged_into_id is not null"),
        Index("ix_customers_created_at", "created_at", "id"),
        Index("ix_customers_search", db.text("to_tsvector('simple', search_text)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    company: Mapped[str] = mapped_column(server_default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    preferences: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    search_text: Mapped[str] = mapped_column(Text, server_default="", deferred=True)
    """Words of the name, the company and the addresses (helpdesk.folding.words)."""

    identities: Mapped[list[Identity]] = relationship(back_populates="customer", order_by="Identity.id")
    tickets: Mapped[list[Any]] = relationship("Ticket", back_populates="customer", viewonly=True)
    """His tickets (helpdesk.tickets.models.Ticket), of all teams: what an agent sees of them is asked of the queries."""

    @property
    def tone(self) -> int:
        """Which of the six quiet face colours this person has."""
        return self.id % 6 + 1

    @property
    def display_name(self) -> str:
        """His name, or the address he is known by, or his number."""
        return self.name or (self.identities[0].address if self.identities else f"#{self.id}")


class Identity(Model):
    """An address of a customer on one channel, in the channel's normal form."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    channel: Mapped[str]
    address: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    verified_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    """Since when what is sent to it does not arrive; ``bounce_detail`` has the server's reason."""
    bounce_detail: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    customer: Mapped[Customer] = relationship(back_populates="identities")

    @property
    def verified(self) -> bool:
        """Whether somebody made sure that the address is his."""
        return self.verified_at is not None


class CustomerMerge(Model):
    """What one merge moved, so that undoing it restores exactly what was before."""

    __tablename__ = "customer_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="SET NULL"))
    moved: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    undone_at: Mapped[datetime | None]
