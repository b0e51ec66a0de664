"""Settings: connecting an inbox by its owner's consent. The provider sends the browser back to one fixed address."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from channels.failures import TemporaryFailure
from helpdesk.agents.session import guard, me
from helpdesk.errors import Invalid
from helpdesk.extensions import db, limiter
from helpdesk.inboxes import consenting, problems
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.views import load

pages = Blueprint("consent", __name__, url_prefix="/settings/inboxes")
pages.before_request(guard("admin"))
NONCE = "consent"


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/<int:inbox_id>/consent")
def begin(inbox_id: int) -> Response:
    """To the provider. A link, as a form may not lead to another site."""
    inbox = load(inbox_id)
    session[NONCE] = consenting.new_nonce()
    try:
        return redirect(consenting.begin(inbox, me(), session[NONCE]))
    except Invalid as refusal:
        flash(refusal.detail, "late")
        return _back(inbox)


@pages.get("/consent")
@limiter.limit("30 per minute")
def finish() -> Response:
    """Back from the provider, with a code or his refusal."""
    state = request.args.get("state", "")
    inbox = consenting.inbox_of(state, me(), session.pop(NONCE, ""))
    inbox_id = inbox.id
    try:
        if error := request.args.get("error"):
            raise consenting.refused(inbox, error, request.args.get("error_description", ""))
        grant = consenting.finish(inbox, me(), state, request.args.get("code", ""))
    except TemporaryFailure as failure:
        flash(problems.consent_refused(failure), "late")
    except Invalid as refusal:
        db.session.rollback()
        flash(refusal.detail, "late")
    else:
        flash(_("Connected as %(account)s.", account=grant.account), "done")
        return redirect(url_for("inboxes.tested", inbox_id=inbox_id), 303)
    return redirect(url_for("inboxes.edit", inbox_id=inbox_id), 303)


@pages.post("/<int:inbox_id>/consent/end")
def end(inbox_id: int) -> Response:
    inbox = load(inbox_id)
    consenting.forget(inbox)
    flash(_("Disconnected: the tokens are thrown away. Consent itself is taken back in the provider's account."), "done")
    return redirect(url_for("inboxes.edit", inbox_id=inbox_id), 303)


def _back(inbox: Inbox) -> Response:
    return redirect(url_for("inboxes.edit", inbox_id=inbox.id), 303)
