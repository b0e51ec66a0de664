"""`/api/v1/macros`, and running one on a ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import url_for
from marshmallow import fields

from helpdesk.agents.sharing import VISIBILITIES
from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Answer, Instant, Listed, Named, Number, Reference, Schema, Text, length, one_of, page_of
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.macros import actions, queries, steps
from helpdesk.macros.actions import Form
from helpdesk.macros.models import Macro, MacroRun
from helpdesk.macros.run import run, undo
from helpdesk.tickets import names_api as names
from helpdesk.tickets.models import PRIORITIES, STATUSES

endpoints = Endpoints("macros", "Macros")
ID = f"<int(max={LARGEST_ID}):macro_id>"
NUMBER = f"<int(max={LARGEST_ID}):number>"


class Actions(Schema):
    """What it does; what is left out stays as it is. `note` and `reply` are HTML with variables; `assignee` is an agent,
    `me` for who runs it, or null for nobody."""

    status = fields.String(validate=one_of(STATUSES))
    priority = fields.String(validate=one_of(PRIORITIES))
    assignee = Named(allow_none=True)
    team = Named(allow_none=True)
    add_tags = fields.List(Text(most=200), validate=length(0, 30))
    remove_tags = fields.List(Text(most=200), validate=length(0, 30))
    note = Text(most=steps.MOST_CHARS)
    reply = Text(most=steps.MOST_CHARS)


class MacroShape(Answer):
    """A macro: the token's agent's own (`private`), a team's, or everybody's."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    key = fields.String(required=True, metadata={"description": "The digit that runs it on a ticket, or nothing."})
    visibility = fields.String(required=True, validate=one_of(VISIBILITIES))
    team = fields.Nested(Reference, required=True, allow_none=True)
    actions = fields.Dict(required=True, attribute="steps")
    canned_reply = fields.Nested(Reference, required=True, allow_none=True, attribute="canned")
    uses = fields.Integer(required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class MacroChange(Schema):
    """What to change. `actions`, when given, are all of them."""

    name = Text(least=1, most=200)
    key = fields.String(validate=one_of(("", *"123456789")))
    visibility = fields.String(validate=one_of(VISIBILITIES))
    team = Named(allow_none=True)
    actions = fields.Nested(Actions)
    canned_reply = Number(allow_none=True)


class NewMacro(MacroChange):
    """What it is called and what it does."""

    name = Text(required=True, least=1, most=200)


class RunOptions(Schema):
    """How to run it."""

    seen_entry = Number(least=0, allow_none=True, metadata={"description": "409 when the customer said more since."})
    undo_seconds = Number(least=0, most=300, metadata={"description": "How long its reply can be taken back."})


class RunShape(Answer):
    """What one run changed."""

    id = fields.Integer(required=True)
    ticket = fields.Integer(required=True, attribute="ticket_id")
    before = fields.Dict(required=True)
    after = fields.Dict(required=True)
    reply = fields.Integer(required=True, allow_none=True, attribute="reply_id")
    created_at = Instant(required=True)
    undone_at = Instant(required=True, allow_none=True)


@endpoints.get("/macros", page_of(MacroShape), query=Listed)
def list_macros(query: dict[str, Any]) -> Page[Macro]:
    """List macros

    Those that the token's agent may use.
    """
    return queries.listed(acting(), cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post("/macros", MacroShape, body=NewMacro)
def add_macro(body: dict[str, Any]) -> tuple[Macro, int, dict[str, str]]:
    """Make a macro

    Only leads can share one with a team or with everybody.
    """
    macro = actions.add(acting(), _form(Form(""), body))
    return macro, 201, {"Location": url_for("api_macros.get_macro", macro_id=macro.id)}


@endpoints.get(f"/macros/{ID}", MacroShape)
def get_macro(macro_id: int) -> Macro:
    """Get a macro"""
    return queries.get(acting(), macro_id)


@endpoints.patch(f"/macros/{ID}", MacroShape, body=MacroChange)
def change_macro(body: dict[str, Any], macro_id: int) -> Macro:
    """Change a macro"""
    agent = acting()
    return actions.change(agent, macro_id, _form(actions.form_of(queries.get(agent, macro_id)), body))


@endpoints.delete(f"/macros/{ID}")
def delete_macro(macro_id: int) -> None:
    """Delete a macro"""
    actions.delete(acting(), macro_id)


@endpoints.post(f"/tickets/{NUMBER}/macros/{ID}", RunShape, body=RunOptions)
def run_macro(body: dict[str, Any], number: int, macro_id: int) -> MacroRun:
    """Run a macro on a ticket

    All of it or nothing.
    """
    return run(acting(), number, macro_id, **body)


@endpoints.post(f"/tickets/{NUMBER}/macro-runs/<int(max={LARGEST_ID}):run_id>/undo", RunShape)
def undo_run(number: int, run_id: int) -> MacroRun:
    """Undo a run of one's own

    409 when its reply is on its way already. What somebody changed since stays as he left it.
    """
    return undo(acting(), number, run_id)


def _form(form: Form, body: dict[str, Any]) -> Form:
    changes: dict[str, Any] = {name: body[name] for name in ("name", "key", "visibility") if name in body}
    if (team := names.team(body.get("team"))) is not None:
        changes |= {"team_id": team.id, "visibility": body.get("visibility", "team")}
    if "canned_reply" in body:
        changes["canned_id"] = body["canned_reply"]
    if (wanted := body.get("actions")) is not None:
        if (assignee := wanted.get("assignee")) not in (None, steps.ME):
            found = names.colleague(acting(), assignee)
            wanted["assignee"] = found.id if found else None
        if (team := names.team(wanted.get("team"))) is not None:
            wanted["team"] = team.id
        changes["steps"] = wanted
    return replace(form, **changes)
