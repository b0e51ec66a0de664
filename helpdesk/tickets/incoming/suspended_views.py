"""The screen of mail that waits for a person's decision."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from helpdesk.agents.session import me, only_agents
from helpdesk.tickets.incoming import suspended
from helpdesk.tickets.incoming.origin_views import as_file, as_text

pages = Blueprint("suspended", __name__, url_prefix="/suspended")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> str:
    return render_template("tickets/suspended.html", item=None, **_list(request.args.get("which") == "decided"))


@pages.get("/<int:suspension_id>")
def show(suspension_id: int) -> str:
    item = suspended.get(me(), suspension_id)
    number, blocked = suspended.ticket_of(item), suspended.is_blocked(item)
    shown = _list(item.decision is not None)
    return render_template("tickets/suspended.html", item=item, number=number, blocked=blocked, **shown)


@pages.get("/<int:suspension_id>/source")
def source(suspension_id: int) -> Response:
    return as_text(suspended.get(me(), suspension_id).received)


@pages.get("/<int:suspension_id>/source.eml")
def download(suspension_id: int) -> Response:
    return as_file(suspended.get(me(), suspension_id).received, f"suspended-{suspension_id}.eml")


@pages.post("/<int:suspension_id>/acceptance")
def accept(suspension_id: int) -> Response:
    number = suspended.ticket_of(suspended.accept(me(), suspension_id))
    if number is None:
        return redirect(url_for("suspended.show", suspension_id=suspension_id), 303)
    flash(_("Let in: it is a message of #%(number)s now.", number=number), "done")
    return redirect(url_for("tickets.ticket", number=number), 303)


@pages.post("/<int:suspension_id>/rejection")
def reject(suspension_id: int) -> Response:
    suspended.reject(me(), suspension_id, block="block" in request.form)
    return redirect(url_for("suspended.show", suspension_id=suspension_id), 303)


@pages.post("/<int:suspension_id>/rejection/undo")
def reconsider(suspension_id: int) -> Response:
    suspended.reconsider(me(), suspension_id)
    return redirect(url_for("suspended.show", suspension_id=suspension_id), 303)


def _list(decided: bool) -> dict[str, Any]:
    page = suspended.listed(me(), decided=decided, cursor=request.args.get("cursor"))
    return {"page": page, "decided": decided, "waiting": suspended.count(me()), "here": "suspended"}
