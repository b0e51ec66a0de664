"""`/hooks/<inbox key>`: every channel's webhook. 2xx only after the ledger row is committed; 503 when it could not be."""

from __future__ import annotations

from typing import Literal

import structlog
from flask import Blueprint, Flask, Response, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from channels.failures import ForgedRequest
from channels.messages import WebhookRequest, WebhookResult
from helpdesk.errors import Forbidden, HelpdeskError, NotFound
from helpdesk.extensions import csrf, db
from helpdesk.inboxes import hook_urls, ledger
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import connector

log = structlog.get_logger()
blueprint = Blueprint("hooks", __name__)
RETRY_SECONDS = 30


class NotNow(HelpdeskError):
    """Nothing was stored: the provider is to send it again."""

    status = 503
    code = "not_now"


def install(app: Flask) -> None:
    """Add the route. A provider has no session, so it has no CSRF token."""
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)


@blueprint.route(f"{hook_urls.PATH}<key>", methods=["GET", "POST"])
def receive(key: str) -> Response:
    """Verify, write to the ledger, commit, and only then answer as the channel wants it."""
    try:
        inbox = _inbox(key)
        result = _verified(inbox)
        ledger.add(inbox, result.items)
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.warning("hook_not_stored", reason=type(error).__name__)
        raise NotNow(_("This could not be stored right now; send it again.")) from error
    return Response(result.body, result.status, content_type=result.content_type)


def _inbox(key: str) -> Inbox:
    inbox = db.session.scalar(select(Inbox).where(Inbox.key == key)) if "\0" not in key else None
    if inbox is None or hook_urls.of(inbox) is None:
        raise NotFound(_("There is no inbox with this hook."))
    if not inbox.enabled:
        raise NotNow(_("This inbox is switched off."))
    return inbox


def _verified(inbox: Inbox) -> WebhookResult:
    url = f"{hook_urls.of(inbox)}?{request.query_string.decode('latin-1')}".removesuffix("?")
    method: Literal["GET", "POST"] = "POST" if request.method == "POST" else "GET"
    asked = WebhookRequest(method, url, dict(request.headers), request.get_data(cache=False))
    try:
        return connector(inbox).verify(asked)
    except ForgedRequest as error:
        log.warning("hook_forged", inbox=inbox.id)
        raise Forbidden(_("The signature does not prove where this comes from.")) from error
