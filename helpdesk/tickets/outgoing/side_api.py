"""`/api/v1/tickets/{number}/side-conversations`."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Number, Text, length, page_of
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.tickets import history, queries
from helpdesk.tickets.api import NUMBER
from helpdesk.tickets.entry_shapes_api import Entry as EntryShape
from helpdesk.tickets.entry_shapes_api import Note
from helpdesk.tickets.models import Entry, SideConversation
from helpdesk.tickets.outgoing import side
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing

endpoints = Endpoints(
    "side_conversations", "Side conversations: third parties asked about a ticket, apart from its customer"
)
SIDES = f"/tickets/{NUMBER}/side-conversations"


class SideConversationShape(Answer):
    """A side conversation. Its messages are entries of the ticket's timeline, of kind ``side_message``."""

    id = fields.Integer(required=True)
    ticket = fields.Integer(required=True, attribute="ticket_id")
    subject = fields.String(required=True)
    people = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)
    created_at = Instant(required=True)


class SideReply(Note):
    """What an agent writes to a third party. Recipients are ``a@b.example`` or ``Name <a@b.example>``."""

    to = fields.List(Text(most=320), validate=length(1, 100), metadata={"description": "Instead of who wrote last."})
    cc = fields.List(Text(most=320), validate=length(0, 100), metadata={"description": "Instead of all who take part."})
    bcc = fields.List(Text(most=320), validate=length(0, 100))
    undo_seconds = Number(least=0, most=300, metadata={"description": "How long it can be taken back."})


class NewSideConversation(SideReply):
    """How a side conversation begins."""

    subject = Text(required=True, least=1, most=500)
    to = fields.List(Text(most=320), required=True, validate=length(1, 100))
    forward = Number(metadata={"description": "A message of the ticket to send along, with its files."})


@endpoints.get(SIDES, page_of(SideConversationShape), query=Listed)
def list_side_conversations(query: dict[str, Any], number: int) -> Page[SideConversation]:
    """List a ticket's side conversations"""
    ticket = queries.get(acting(), number)
    return side.listed(ticket, cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post(SIDES, EntryShape, body=NewSideConversation)
def begin_side_conversation(body: dict[str, Any], number: int) -> Entry:
    """Write to a third party about a ticket

    The customer neither sees it nor is he quoted, unless `forward` names what he wrote.
    """
    opening = side.Opening(body["subject"], _writing(body), _chosen(body), body.get("forward"))
    entry = side.begin(acting(), number, opening, undo_seconds=body.get("undo_seconds"))
    return history.entries([entry.id])[0]


@endpoints.post(f"{SIDES}/<int(max={LARGEST_ID}):side_id>/replies", EntryShape, body=SideReply)
def answer_side_conversation(body: dict[str, Any], number: int, side_id: int) -> Entry:
    """Write in a side conversation again"""
    held = body.get("undo_seconds")
    entry = side.answer(acting(), number, side_id, _writing(body), _chosen(body), undo_seconds=held)
    return history.entries([entry.id])[0]


def _writing(body: dict[str, Any]) -> Writing:
    return Writing(body["text"], body["html"], body["attachments"])


def _chosen(body: dict[str, Any]) -> Chosen:
    return Chosen(body.get("to"), body.get("cc"), body.get("bcc"))
