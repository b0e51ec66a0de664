"""`/api/v1/suspended`: mail that waits for a person's decision."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Reference, Schema, one_of, page_of
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.tickets.incoming import suspended
from helpdesk.tickets.incoming.suspended_models import Suspension

endpoints = Endpoints("suspended", "Mail that waits for a person's decision")
ITEM = f"/suspended/<int(max={LARGEST_ID}):suspension_id>"


class Suspended(Answer):
    """A mail that is in no queue. ``ticket`` is set once it was accepted."""

    id = fields.Integer(required=True)
    reason = fields.String(required=True, validate=one_of(("blocked", "own", "policy", "notification", "loop")))
    inbox = fields.Nested(Reference, required=True)
    sender = fields.String(required=True)
    sender_name = fields.String(required=True)
    subject = fields.String(required=True)
    preview = fields.String(required=True)
    server = fields.String(required=True)
    findings = fields.String(required=True)
    created_at = Instant(required=True)
    decision = fields.String(required=True, allow_none=True, validate=one_of(("accepted", "rejected")))
    decided_at = Instant(required=True, allow_none=True)
    ticket = fields.Function(suspended.ticket_of, required=True, metadata={"type": ["integer", "null"]})


class SuspendedQuery(Listed):
    """Which of them."""

    decided = fields.Boolean(load_default=False)


class Rejection(Schema):
    """How far it goes."""

    block = fields.Boolean(load_default=False, metadata={"description": "Also what this sender writes from now on."})


SuspendedPage = page_of(Suspended)


@endpoints.get("/suspended", SuspendedPage, query=SuspendedQuery)
def list_suspended(query: dict[str, Any]) -> Page[Suspension]:
    """List suspended mail

    Of the inboxes that the token's agent may use, newest first.
    """
    return suspended.listed(acting(), **query)


@endpoints.get(ITEM, Suspended)
def get_suspended(suspension_id: int) -> Suspension:
    """Get a suspended mail"""
    return suspended.get(acting(), suspension_id)


@endpoints.post(f"{ITEM}/acceptance", Suspended)
def accept_suspended(suspension_id: int) -> Suspension:
    """Let a suspended mail in

    It becomes a message as if it came now.
    """
    return suspended.accept(acting(), suspension_id)


@endpoints.post(f"{ITEM}/rejection", Suspended, body=Rejection)
def reject_suspended(body: dict[str, Any], suspension_id: int) -> Suspension:
    """Keep a suspended mail out"""
    return suspended.reject(acting(), suspension_id, block=body["block"])


@endpoints.post(f"{ITEM}/rejection/undo", Suspended)
def reconsider_suspended(suspension_id: int) -> Suspension:
    """Let a rejected mail wait again, and its sender write again"""
    return suspended.reconsider(acting(), suspension_id)
