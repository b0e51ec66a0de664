"""`/api/v1/canned-replies`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import url_for
from marshmallow import fields

from channels.html.text import html_to_text
from helpdesk.agents.sharing import VISIBILITIES
from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Named, Number, Reference, Schema, Text, length, one_of, page_of
from helpdesk.canned import actions, queries
from helpdesk.canned.actions import Form
from helpdesk.canned.models import CannedReply
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.tickets import names_api as names
from helpdesk.written_html import from_text

endpoints = Endpoints("canned", "Canned replies")
ID = f"<int(max={LARGEST_ID}):canned_id>"


class CannedTextShape(Answer):
    """What it says in one language, with its variables."""

    language = fields.String(required=True)
    html = fields.String(required=True)
    text = fields.Function(lambda text: html_to_text(text.html), required=True, metadata={"type": "string"})


class CannedFileShape(Answer):
    """A file that goes with it."""

    id = fields.Integer(required=True)
    filename = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)


class CannedReplyShape(Answer):
    """A canned reply: the token's agent's own (`private`), a team's, or everybody's."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    folder = fields.String(required=True)
    shortcut = fields.String(required=True)
    visibility = fields.String(required=True, validate=one_of(VISIBILITIES))
    team = fields.Nested(Reference, required=True, allow_none=True)
    texts = fields.List(fields.Nested(CannedTextShape), required=True)
    attachments = fields.List(fields.Nested(CannedFileShape), required=True)
    uses = fields.Integer(required=True)
    used_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class CannedQuery(Listed):
    """Which canned replies."""

    q = Text(most=200, load_default="", metadata={"description": "Words of its name, folder, shortcut or text."})


class WrittenText(Schema):
    """What it says in one language: HTML, or text."""

    language = Text(required=True, least=2, most=3, metadata={"description": "Such as `tr`."})
    html = Text(load_default="")
    text = Text(load_default="")


class CannedReplyChange(Schema):
    """What to change."""

    name = Text(least=1, most=200)
    folder = Text(most=100)
    shortcut = Text(most=30)
    visibility = fields.String(validate=one_of(VISIBILITIES))
    team = Named(allow_none=True)
    texts = fields.List(fields.Nested(WrittenText), validate=length(1, 20))
    attachments = fields.List(Number(), validate=length(0, actions.MOST_FILES))


class NewCannedReply(CannedReplyChange):
    """What it is called and what it says."""

    name = Text(required=True, least=1, most=200)
    texts = fields.List(fields.Nested(WrittenText), required=True, validate=length(1, 20))


@endpoints.get("/canned-replies", page_of(CannedReplyShape), query=CannedQuery)
def list_canned_replies(query: dict[str, Any]) -> Page[CannedReply]:
    """List canned replies

    Those that the token's agent may use.
    """
    return queries.listed(acting(), typed=query["q"], cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post("/canned-replies", CannedReplyShape, body=NewCannedReply)
def add_canned_reply(body: dict[str, Any]) -> tuple[CannedReply, int, dict[str, str]]:
    """Make a canned reply

    Only leads can share one with a team or with everybody.
    """
    canned = actions.add(acting(), _form(Form("", {}), body))
    return canned, 201, {"Location": url_for("api_canned.get_canned_reply", canned_id=canned.id)}


@endpoints.get(f"/canned-replies/{ID}", CannedReplyShape)
def get_canned_reply(canned_id: int) -> CannedReply:
    """Get a canned reply"""
    return queries.get(acting(), canned_id)


@endpoints.patch(f"/canned-replies/{ID}", CannedReplyShape, body=CannedReplyChange)
def change_canned_reply(body: dict[str, Any], canned_id: int) -> CannedReply:
    """Change a canned reply

    `texts`, when given, are all of its languages.
    """
    agent = acting()
    return actions.change(agent, canned_id, _form(actions.form_of(queries.get(agent, canned_id)), body))


@endpoints.delete(f"/canned-replies/{ID}")
def delete_canned_reply(canned_id: int) -> None:
    """Delete a canned reply

    What was sent with it stays.
    """
    actions.delete(acting(), canned_id)


def _form(form: Form, body: dict[str, Any]) -> Form:
    changes: dict[str, Any] = {name: body[name] for name in ("name", "folder", "shortcut", "visibility") if name in body}
    if (team := names.team(body.get("team"))) is not None:
        changes |= {"team_id": team.id, "visibility": body.get("visibility", "team")}
    if "texts" in body:
        changes["texts"] = {one["language"]: one["html"] or from_text(one["text"]) for one in body["texts"]}
    if "attachments" in body:
        changes["files"] = body["attachments"]
    return replace(form, **changes)
