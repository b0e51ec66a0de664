"""The JSON of merges, splits and links."""

from __future__ import annotations

from marshmallow import fields

from helpdesk.api.values import Answer, Instant, Number, Schema, Text, one_of, page_of
from helpdesk.tickets.merging.links import WAYS


class TicketMergeRequest(Schema):
    """The ticket that takes the one of the path over."""

    into = Number(required=True)


class TicketMerge(Answer):
    """A merge: everything of ``merged`` is on ``kept`` until it is undone."""

    id = fields.Integer(required=True)
    kept = fields.Integer(required=True, attribute="kept_id")
    merged = fields.Integer(required=True, attribute="merged_id")
    created_at = Instant(required=True)
    undone_at = Instant(required=True, allow_none=True)


class SplitRequest(Schema):
    """What begins the new ticket."""

    message = Number(required=True, metadata={"description": "The `message` of an entry's data."})
    following = fields.Boolean(load_default=False, metadata={"description": "Everything said after it goes along."})
    subject = Text(most=500, load_default="", metadata={"description": "The old ticket's without one."})


class TicketSplit(Answer):
    """A split: what was said is on ``ticket``; undone, it is on ``origin`` again."""

    id = fields.Integer(required=True)
    origin = fields.Integer(required=True, attribute="origin_id")
    ticket = fields.Integer(required=True, attribute="made_id")
    created_at = Instant(required=True)
    undone_at = Instant(required=True, allow_none=True)


class LinkRequest(Schema):
    """What another ticket is to the one of the path."""

    ticket = Number(required=True)
    way = fields.String(load_default="related", validate=one_of(WAYS))


class LinkedTicket(Answer):
    """The other ticket of a link."""

    number = fields.Integer(required=True)
    subject = fields.String(required=True)
    status = fields.String(required=True)


class TicketLink(Answer):
    """A link, seen from one ticket: ``way`` says what the other one is to it."""

    id = fields.Integer(required=True)
    way = fields.String(required=True, validate=one_of(WAYS))
    ticket = fields.Nested(LinkedTicket, required=True)


TicketLinkPage = page_of(TicketLink)
