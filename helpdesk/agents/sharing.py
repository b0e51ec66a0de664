"""Who has something that agents make for themselves, for a team, or for everybody (canned replies, macros)."""

from __future__ import annotations

from typing import Literal, get_args

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, and_, or_, select, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent, Team
from helpdesk.errors import Forbidden, Invalid
from helpdesk.extensions import db

Visibility = Literal["private", "team", "all"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)


class Shared:
    """Columns of what is private (``owner_id``), a team's (``team_id``), or everybody's (neither)."""

    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)

    @declared_attr
    def owner(cls) -> Mapped[Agent | None]:
        return relationship(foreign_keys=[cls.owner_id])  # type: ignore[list-item]

    @declared_attr
    def team(cls) -> Mapped[Team | None]:
        return relationship(foreign_keys=[cls.team_id])  # type: ignore[list-item]

    @property
    def visibility(self) -> Visibility:
        return "private" if self.owner_id is not None else "team" if self.team_id is not None else "all"


def one_owner() -> CheckConstraint:
    """For the table of what is shared: a person's or a team's, never both."""
    return CheckConstraint("owner_id is null or team_id is null", name="one_owner")


def seen_by(agent: Agent, kind: type[Shared]) -> ColumnElement[bool]:
    """The criterion for what the agent may see: his own, his teams', everybody's. An admin sees every team's."""
    teams = true() if agent.is_admin else kind.team_id.in_([team.id for team in agent.teams])
    return or_(
        kind.owner_id == agent.id,
        and_(kind.owner_id.is_(None), or_(kind.team_id.is_(None), teams)),
    )


def may_change(agent: Agent, thing: Shared) -> bool:
    """His own anybody may change; a team's its leads; everybody's every lead."""
    if thing.owner_id is not None:
        return thing.owner_id == agent.id
    return agent.is_lead and sees_team(agent, thing.team_id)


def share(agent: Agent, thing: Shared, visibility: str, team_id: int | None) -> None:
    """Set who has it. Raises Invalid for what does not exist, Forbidden for what only leads may do."""
    if visibility not in VISIBILITIES:
        raise Invalid(_("There is no such choice."), errors={"visibility": [_("Choose one of the list.")]})
    team = db.session.get(Team, team_id) if visibility == "team" and team_id is not None else None
    if visibility == "team" and (team is None or not sees_team(agent, team.id)):
        raise Invalid(_("This team does not exist."), errors={"team": [_("Choose another.")]})
    if visibility != "private" and not agent.is_lead:
        raise Forbidden(_("Only a lead can share it; keep it for yourself instead."))
    thing.owner_id = agent.id if visibility == "private" else None
    thing.team_id = team.id if team is not None else None


def refuse_foreign(agent: Agent, thing: Shared) -> None:
    """Raises Forbidden when the agent may use it, but not change it."""
    if not may_change(agent, thing):
        raise Forbidden(_("Only a lead can change what others use."))


def choices(agent: Agent) -> list[tuple[str, str]]:
    """Who the agent may make it for, as value and words: ``private``, ``team:7`` …, ``all``."""
    found = [("private", _("Only me"))]
    if agent.is_lead:
        found += [(f"team:{team.id}", _("Team %(name)s", name=team.name)) for team in _teams(agent)]
        found.append(("all", _("Everybody")))
    return found


def read_choice(value: str) -> tuple[str, int | None]:
    """Visibility and team of a value of ``choices``."""
    visibility, _separator, number = value.partition(":")
    return visibility, int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def choice_of(thing: Shared) -> str:
    """The value of ``choices`` that stands for who has it."""
    return f"team:{thing.team_id}" if thing.visibility == "team" else thing.visibility


def label(thing: Shared) -> str:
    """Who has it, in words."""
    if thing.visibility == "private":
        return _("Only me")
    return thing.team.name if thing.team is not None else _("Everybody")


def _teams(agent: Agent) -> list[Team]:
    return [team for team in db.session.scalars(select(Team).order_by(Team.name)) if sees_team(agent, team.id)]
