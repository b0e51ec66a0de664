"""The JSON of tickets and of what programs may say about them."""

from __future__ import annotations

from marshmallow import fields
from webargs.fields import DelimitedList

from helpdesk.api.values import Answer, Instant, Listed, Named, Number, Reference, Schema, Text, length, one_of, page_of
from helpdesk.sla.models import KINDS
from helpdesk.tickets.models import PRIORITIES, STATUSES
from helpdesk.tickets.search import SORTS


class Deadline(Answer):
    """One SLA clock. ``met`` is null while it runs and when it was dropped."""

    kind = fields.String(required=True, validate=one_of(KINDS))
    started_at = Instant(required=True)
    due_at = Instant(required=True)
    met = fields.Boolean(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)


class CustomerReference(Answer):
    """A ticket's customer."""

    id = fields.Integer(required=True)
    name = fields.String(required=True, attribute="display_name")


class Ticket(Answer):
    """A ticket. ``version`` rises with every visible change."""

    number = fields.Integer(required=True)
    subject = fields.String(required=True)
    status = fields.String(required=True, validate=one_of(STATUSES))
    priority = fields.String(required=True, attribute="priority_name", validate=one_of(PRIORITIES))
    channel = fields.String(required=True)
    inbox = fields.Nested(Reference, required=True)
    customer = fields.Nested(CustomerReference, required=True)
    team = fields.Nested(Reference, required=True, allow_none=True)
    assignee = fields.Nested(Reference, required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)
    first_response_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    merged_into = fields.Integer(
        required=True,
        allow_none=True,
        attribute="merged_into_id",
        metadata={"description": "The ticket that took this one over; 409 for whatever is written here."},
    )
    deadlines = fields.List(fields.Nested(Deadline), required=True)
    version = fields.Integer(required=True)


class TicketQuery(Listed):
    """Filters; all that are given must hold."""

    status = DelimitedList(
        fields.String(validate=one_of(STATUSES)), metadata={"description": "One or several, with commas."}
    )
    team = fields.String(metadata={"description": "Its id or name, or `none`."})
    assignee = fields.String(metadata={"description": "An id or mail address, `me` or `none`."})
    customer = Number(metadata={"description": "A customer's id."})
    inbox = fields.String(metadata={"description": "An id or address."})
    tag = fields.String()
    priority = DelimitedList(fields.String(validate=one_of(PRIORITIES)))
    q = Text(most=300, metadata={"description": "Words of the subject, the customer's name or address; or a number."})
    sort = fields.String(load_default=SORTS[0], validate=one_of(SORTS))


class Who(Schema):
    """A customer we know (``id``), or an address on the inbox's channel."""

    id = Number()
    name = Text(most=200, load_default="")
    address = Text(least=1, most=320)


class NewTicket(Schema):
    """What a customer said, and where it goes."""

    subject = Text(required=True, least=1, most=2000)
    text = Text(load_default="")
    html = Text(load_default="")
    customer = fields.Nested(Who, required=True)
    inbox = Named(required=True)
    priority = fields.String(load_default="normal", validate=one_of(PRIORITIES))
    tags = fields.List(Text(most=200), load_default=list, validate=length(0, 100))
    team = Named(load_default=None, allow_none=True)
    assignee = Named(load_default=None, allow_none=True)


class TicketChange(Schema):
    """What to change. With ``version``, only if the ticket still has it."""

    subject = Text(least=1, most=2000)
    status = fields.String(validate=one_of(STATUSES))
    priority = fields.String(validate=one_of(PRIORITIES))
    team = Named(allow_none=True)
    assignee = Named(allow_none=True)
    tags = fields.List(Text(most=200), validate=length(0, 100))
    version = Number()


TicketPage = page_of(Ticket)
