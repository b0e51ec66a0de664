"""Tables of the people who answer: teams, agents with a role, and their API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.extensions import Model, db

Role = Literal["agent", "lead", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

agent_teams = Table(
    "agent_teams",
    db.metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Team(Model):
    """A group of agents; it decides who sees a ticket."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    agents: Mapped[list[Agent]] = relationship(secondary=agent_teams, back_populates="teams", order_by="Agent.name")


class Agent(UserMixin, Model):  # type: ignore[misc]  # Flask-Login has no types
    """A person who answers. ``role`` is one of ROLES; an inactive agent keeps his history but may not sign in."""

    __tablename__ = "agents"
    __table_args__ = (
        CheckConstraint("role in ('agent', 'lead', 'admin')", name="role"),
        Index("uq_agents_email_lower", func.lower(text("email")), unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str] = mapped_column(server_default="agent")
    password_hash: Mapped[str | None]
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(server_default="system")
    density: Mapped[str] = mapped_column(server_default="comfortable")
    active: Mapped[bool] = mapped_column(server_default="true")
    session_epoch: Mapped[int] = mapped_column(server_default="1")
    """Part of every session cookie: raising it signs the agent out everywhere."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    teams: Mapped[list[Team]] = relationship(secondary=agent_teams, back_populates="agents", order_by=Team.name)

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What the session cookie holds: it dies when ``session_epoch`` rises."""
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def is_lead(self) -> bool:
        return self.role in ("lead", "admin")

    @property
    def tone(self) -> int:
        """Which of the six quiet face colours this person has."""
        return self.id % 6 + 1


class ApiToken(Model):
    """A bearer token of the HTTP API, acting as its agent. Only its SHA-256 is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_sha256: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    agent: Mapped[Agent] = relationship()


class TrustedSender(Model):
    """Somebody whose remote pictures an agent always wants to see: an address, or a whole domain as ``@domain``."""

    __tablename__ = "trusted_senders"

    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
