"""`/api/v1/me`, `/api/v1/agents` and `/api/v1/teams`: whom a ticket can be given to."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from helpdesk.agents import find
from helpdesk.agents.models import ROLES, Agent, Team
from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Listed, Reference, one_of, page_of
from helpdesk.cursors import Page

endpoints = Endpoints("agents", "Agents and teams")


class AgentShape(Answer):
    """A person who answers."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=one_of(ROLES))
    active = fields.Boolean(required=True)
    teams = fields.List(fields.Nested(Reference), required=True)


@endpoints.get("/me", AgentShape)
def get_me() -> Agent:
    """Get the agent as whom the token acts"""
    return acting()


@endpoints.get("/agents", page_of(AgentShape), query=Listed)
def list_agents(query: dict[str, Any]) -> Page[Agent]:
    """List agents"""
    return find.agents(cursor=query.get("cursor"), limit=query["limit"])


@endpoints.get("/teams", page_of(Reference), query=Listed)
def list_teams(query: dict[str, Any]) -> Page[Team]:
    """List teams"""
    return find.teams(cursor=query.get("cursor"), limit=query["limit"])
