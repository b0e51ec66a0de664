"""Settings: items that could not be read. Their bytes are shown as text and saved as a file, never rendered."""

from __future__ import annotations

import io

from flask import Blueprint, Flask, Response, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.agents.session import guard
from helpdesk.inboxes import quarantine
from helpdesk.tickets.incoming import receive

pages = Blueprint("received", __name__, url_prefix="/settings/received")
pages.before_request(guard("admin"))

SHOWN_BYTES = 65_536


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals["why_unreadable"] = quarantine.why


@pages.get("")
def index() -> str:
    return render_template("inboxes/received.html", rows=quarantine.listed(), item=None, here="settings", section="received")


@pages.get("/<int:received_id>")
def show(received_id: int) -> str:
    item = quarantine.get(received_id)
    raw = bytes(item.raw)
    return render_template(
        "inboxes/received.html", rows=quarantine.listed(), item=item, here="settings", section="received",
        why=quarantine.why(item), headers=quarantine.headers(raw), discarded=quarantine.is_discarded(item),
        text=raw[:SHOWN_BYTES].decode("utf-8", "replace"), shown=min(len(raw), SHOWN_BYTES),
    )  # fmt: skip


@pages.get("/<int:received_id>/raw")
def raw(received_id: int) -> Response:
    """The bytes exactly as they came, to be saved."""
    item = quarantine.get(received_id)
    name = f"received-{item.id}.eml"
    return send_file(io.BytesIO(item.raw), mimetype="application/octet-stream", as_attachment=True, download_name=name)


@pages.post("/<int:received_id>/retry")
def retry(received_id: int) -> AnyResponse:
    receive.retry(received_id)
    flash(_("It is being read again. If that fails, it comes back here."), "done")
    return redirect(url_for("received.index"), 303)


@pages.post("/retry")
def retry_all() -> AnyResponse:
    for received_id in quarantine.ids():
        receive.retry(received_id)
    flash(_("They are being read again. What fails again comes back here."), "done")
    return redirect(url_for("received.index"), 303)


@pages.post("/<int:received_id>/discard")
def discard(received_id: int) -> AnyResponse:
    """Back to the item, where it can be taken back."""
    quarantine.discard(received_id)
    return redirect(url_for("received.show", received_id=received_id), 303)


@pages.post("/<int:received_id>/quarantine")
def take_back(received_id: int) -> AnyResponse:
    quarantine.take_back(received_id)
    return redirect(url_for("received.show", received_id=received_id), 303)
