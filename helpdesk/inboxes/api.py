"""`/api/v1/inboxes`. Secrets are written, never read back."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from marshmallow import fields

from helpdesk.agents import find
from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting, acting_admin
from helpdesk.api.values import Answer, Instant, Listed, Named, Reference, Schema, Text, one_of, page_of
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.errors import Invalid
from helpdesk.i18n import LANGUAGES
from helpdesk.inboxes import access, actions, hook_urls
from helpdesk.inboxes.models import Inbox

endpoints = Endpoints("inboxes", "Inboxes: the addresses where customers write")
INBOX = f"/inboxes/<int(max={LARGEST_ID}):inbox_id>"


class Health(Answer):
    """Whether one way works, and since when; the code and the server's words say why not."""

    state = fields.String(required=True, validate=one_of(("unknown", "ok", "failing")))
    code = fields.String(required=True)
    detail = fields.String(required=True)
    since = Instant(required=True, allow_none=True)


class InboxShape(Answer):
    """An inbox. ``settings`` (without secrets) and ``hook_url`` are null for all but admins."""

    id = fields.Integer(required=True)
    channel = fields.String(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    team = fields.Nested(Reference, required=True, allow_none=True)
    language = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    settings = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)
    secrets = fields.List(fields.String(), required=True, metadata={"description": "Names of the secrets that are set."})
    hook_url = fields.String(required=True, allow_none=True)
    receive = fields.Nested(Health, required=True)
    send = fields.Nested(Health, required=True)
    last_in_at = Instant(required=True, allow_none=True)
    last_out_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class InboxChange(Schema):
    """What to set. ``settings`` holds the channel's settings and secrets, as text; those not named are kept."""

    name = Text(least=1, most=200)
    address = Text(least=1, most=320)
    team = Named(allow_none=True)
    language = fields.String(validate=one_of(LANGUAGES))
    enabled = fields.Boolean()
    settings = fields.Dict(keys=Text(most=100), values=Text(most=10_000), load_default=dict)


class NewInbox(InboxChange):
    """A new inbox of a channel."""

    channel = Text(required=True, least=1, most=50)
    name = Text(required=True, least=1, most=200)
    address = Text(required=True, least=1, most=320)


@endpoints.get("/inboxes", page_of(InboxShape), query=Listed)
def list_inboxes(query: dict[str, Any]) -> Page[dict[str, Any]]:
    """List inboxes

    Those of the agent's teams and of no team; an admin sees every one.
    """
    agent = acting()
    found = access.listed(agent, cursor=query.get("cursor"), limit=query["limit"])
    return Page([_shown(inbox, whole=agent.is_admin) for inbox in found.items], found.next)


@endpoints.post("/inboxes", InboxShape, body=NewInbox)
def add_inbox(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add an inbox

    Only an admin may. A wrong setting is named in `errors`.
    """
    acting_admin()
    inbox = actions.add(
        body["channel"],
        body["name"],
        body["address"],
        team_id=_team_id(body.get("team")),
        values=body["settings"],
        language=body.get("language", "en"),
    )
    if not body.get("enabled", True):
        actions.change(inbox, {"enabled": False}, {})
    return _shown(inbox, whole=True), 201, {"Location": url_for("api_inboxes.get_inbox", inbox_id=inbox.id)}


@endpoints.get(INBOX, InboxShape)
def get_inbox(inbox_id: int) -> dict[str, Any]:
    """Get an inbox"""
    agent = acting()
    return _shown(access.get(agent, inbox_id), whole=agent.is_admin)


@endpoints.patch(INBOX, InboxShape, body=InboxChange)
def change_inbox(body: dict[str, Any], inbox_id: int) -> dict[str, Any]:
    """Change an inbox

    Only an admin may. Its listener reconnects with the new settings.
    """
    inbox = access.get(acting(), inbox_id)
    acting_admin()
    values = body.pop("settings")
    if "team" in body:
        body["team_id"] = _team_id(body.pop("team"))
    return _shown(actions.change(inbox, body, values), whole=True)


def _team_id(named: int | str | None) -> int | None:
    if named is None:
        return None
    team = find.team(named)
    if team is None:
        sentence = _("This team does not exist.")
        raise Invalid(sentence, errors={"team": [sentence]})
    return team.id


def _shown(inbox: Inbox, *, whole: bool) -> dict[str, Any]:
    plain = {name: getattr(inbox, name) for name in InboxShape().fields if hasattr(inbox, name)}
    ways = {way: {part: getattr(inbox, f"{way}_{part}") for part in Health().fields} for way in ("receive", "send")}
    if not whole:
        for way in ways.values():
            way["detail"] = ""  # may quote host names and users
        return plain | ways | {"settings": None, "secrets": [], "hook_url": None}
    return plain | ways | {"secrets": access.secret_names(inbox), "hook_url": hook_urls.of(inbox)}
