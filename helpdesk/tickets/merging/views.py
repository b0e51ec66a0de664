"""Choosing another ticket, and merging, splitting and linking from the conversation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext as _

from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Invalid, NotFound
from helpdesk.tickets import queries
from helpdesk.tickets.change_views import asked_body, optional_number
from helpdesk.tickets.merging import candidates, links, merge, split, unmerge

pages = Blueprint("merging", __name__, url_prefix="/tickets/<int:number>")
pages.before_request(only_agents)

Answer = dict[str, Any]
PURPOSES = ("merge", *links.WAYS)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/picker")
def picker(number: int) -> str:
    return render_template("tickets/merging/picker.html", **_choice(number))


@pages.get("/candidates")
def found(number: int) -> str:
    return render_template("tickets/merging/_candidates.html", **_choice(number))


@pages.post("/merge")
def merge_into(number: int) -> Answer:
    into = _needed("into")
    made = merge.merge(me(), number, into)
    said = _("#%(number)s was merged into #%(into)s", number=number, into=into)
    return {"open": into, "undo": f"/tickets/{into}/merges/{made.id}/undo", "back": number, "said": said}


@pages.post("/merges/<int:merge_id>/undo")
def undo_merge(number: int, merge_id: int) -> Answer:
    done = unmerge.undo(me(), merge_id)
    said = _("#%(number)s and #%(other)s are two tickets again", number=done.merged_id, other=done.kept_id)
    return {"number": number, "said": said}


@pages.get("/messages/<int:message_id>/split")
def split_form(number: int, message_id: int) -> str:
    message = queries.message(me(), message_id)
    if message.ticket_id != number:
        raise NotFound(_("This message does not exist, or cannot stand for itself."))
    return render_template("tickets/merging/split.html", message=message, ticket=message.ticket)


@pages.post("/split")
def split_off(number: int) -> Answer:
    body = asked_body()
    following, subject = bool(body.get("following")), str(body.get("subject") or "")
    done = split.split(me(), number, _needed("message"), following=following, subject=subject)
    said = _("Split off into #%(number)s", number=done.made_id)
    return {"open": done.made_id, "undo": f"/tickets/{number}/splits/{done.id}/undo", "back": number, "said": said}


@pages.post("/splits/<int:split_id>/undo")
def undo_split(number: int, split_id: int) -> Answer:
    done = split.undo(me(), split_id)
    return {"number": number, "said": _("Put back into #%(number)s", number=done.origin_id)}


@pages.post("/links")
def link(number: int) -> Answer:
    way = asked_body().get("way")
    if way not in links.WAYS:
        raise Invalid(_("The request has no readable body."))
    other = _needed("ticket")
    made = links.link(me(), number, other, way)
    return {"undo": f"/tickets/{number}/links/{made.id}/undo", "said": _("Linked to #%(number)s", number=other)}


@pages.post("/links/<int:link_id>/undo")
def unlink(number: int, link_id: int) -> Answer:
    links.unlink(me(), link_id)
    return {"number": number, "said": _("The link was removed.")}


def _choice(number: int) -> dict[str, Any]:
    ticket, words = queries.get(me(), number), request.args.get("q", "")
    purpose = request.args.get("way", "merge")
    if purpose not in PURPOSES:
        raise NotFound(_("There is no such view."))
    return {"ticket": ticket, "way": purpose, "words": words, "found": candidates.find(me(), ticket, words)}


def _needed(name: str) -> int:
    number = optional_number(name)
    if number is None:
        raise Invalid(_("“%(name)s” must be a number.", name=name), errors={name: [_("Send a number.")]})
    return number
