"""`/api/v1/surveys/responses`: what customers answered."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Number, one_of, page_of
from helpdesk.cursors import Page
from helpdesk.surveys import responses
from helpdesk.surveys.models import Invitation
from helpdesk.tickets.shapes_api import CustomerReference

endpoints = Endpoints("surveys", "Surveys and what customers answered")
KINDS = ("csat", "nps", "ces")


class Response(Answer):
    """A customer's answer to a survey."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, attribute="survey.kind", validate=one_of(KINDS))
    score = fields.Integer(required=True)
    comment = fields.String(required=True)
    ticket = fields.Integer(required=True, attribute="ticket_id")
    customer = fields.Nested(CustomerReference, required=True)
    channel = fields.String(required=True, attribute="ticket.channel")
    answered_at = Instant(required=True)


class ResponseQuery(Listed):
    """Filters; all that are given must hold."""

    kind = fields.String(validate=one_of(KINDS))
    ticket = Number(metadata={"description": "A ticket's number."})
    customer = Number(metadata={"description": "A customer's id."})


@endpoints.get("/surveys/responses", page_of(Response), query=ResponseQuery)
def list_responses(query: dict[str, Any]) -> Page[Invitation]:
    """List survey responses

    On tickets that the token's agent sees, newest first.
    """
    return responses.listed(acting(), **query)
