"""`/api/v1/notifications`, and following a ticket."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Number, Reference, Schema, one_of, page_of
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.notifications import actions, queries
from helpdesk.notifications.models import KINDS, Notification
from helpdesk.tickets import queries as tickets

endpoints = Endpoints("notifications", "Notifications")
NUMBER = f"<int(max={LARGEST_ID}):number>"


class NotificationShape(Answer):
    """What the token's agent was told about one entry of a ticket."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=one_of(KINDS))
    ticket = fields.Integer(required=True, attribute="ticket_id")
    entry = fields.Integer(required=True, attribute="entry_id")
    actor = fields.String(required=True, attribute="actor_name")
    recipient = fields.String(required=True, metadata={"description": "Whom a message did not reach."})
    created_at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)


class Reading(Schema):
    """What was read: one notification, all of a ticket, or, without either, all of them."""

    id = Number()
    ticket = Number()


class UnreadShape(Answer):
    """How many are not read, counted up to 100."""

    unread = fields.Integer(required=True)


class FollowersShape(Answer):
    """Who follows a ticket."""

    followers = fields.List(fields.Nested(Reference), required=True)


@endpoints.get("/notifications", page_of(NotificationShape), query=Listed)
def list_notifications(query: dict[str, Any]) -> Page[Notification]:
    """List what the token's agent was told

    Of tickets that he still sees.
    """
    return queries.listed(acting(), cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post("/notifications/reading", UnreadShape, body=Reading)
def mark_read(body: dict[str, Any]) -> dict[str, int]:
    """Mark notifications read"""
    actions.read(acting(), body.get("id"), number=body.get("ticket"))
    return {"unread": queries.unread(acting())}


@endpoints.get(f"/tickets/{NUMBER}/followers", FollowersShape)
def list_followers(number: int) -> dict[str, Any]:
    """List who follows a ticket"""
    return {"followers": queries.followers(tickets.get(acting(), number))}


@endpoints.post(f"/tickets/{NUMBER}/followers", FollowersShape)
def follow_ticket(number: int) -> dict[str, Any]:
    """Follow a ticket as the token's agent"""
    actions.set_following(acting(), number, True)
    return {"followers": queries.followers(tickets.get(acting(), number))}


@endpoints.delete(f"/tickets/{NUMBER}/followers")
def unfollow_ticket(number: int) -> None:
    """Stop following a ticket

    A mention does not bring its agent back.
    """
    actions.set_following(acting(), number, False)
