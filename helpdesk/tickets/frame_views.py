"""A mail as it was sent: its frame, its remote pictures, and the page before an odd link of it."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Flask, Response, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from helpdesk import clock, links, picture_budget, remote, settings, signed_links
from helpdesk.agents import trust
from helpdesk.agents.session import me, only_agents
from helpdesk.errors import Forbidden, Invalid, NotFound
from helpdesk.extensions import db, limiter
from helpdesk.inboxes.queries import own_domains
from helpdesk.tickets import queries
from helpdesk.tickets.framing import framed, pictures_for
from helpdesk.tickets.shown import inline_urls
from helpdesk.version import VERSION
from helpdesk.web_security import FILE_POLICY, MAIL_POLICY

frames = Blueprint("frames", __name__)
frames.before_request(only_agents)

PICTURES_AT_ONCE = "1200 per 10 minutes"
KEPT = "private, max-age=86400"
PLACEHOLDER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="220" height="36" role="img"><title>{said}</title>'
    '<rect width="219" height="35" x=".5" y=".5" rx="4" fill="#f4f4f1" stroke="#cfcfc8"/>'
    '<text x="10" y="23" font-family="sans-serif" font-size="12" fill="#565f62">{said}</text></svg>'
)


def install(app: Flask) -> None:
    app.register_blueprint(frames)


def _agent_key() -> str:
    return str(me().id)


@frames.get("/tickets/<int:number>/messages/<int:message_id>/frame")
def frame(number: int, message_id: int) -> Response:
    message = queries.message(me(), message_id)
    if message.ticket_id != number or not message.html:
        raise NotFound(_("This message has no formatted version."))
    pictures = pictures_for(me(), message, asked=request.args.get("images") == "1")
    response = Response()
    response.set_etag(f"{VERSION}-{message.id}-{pictures}-{get_locale()}-{clock.now():%Y%m%d}")
    response.headers["Cache-Control"] = "private, no-cache"  # kept, and asked for again: trust may have changed
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    if request.if_none_match.contains(response.get_etag()[0] or ""):
        response.status_code = 304
        return response
    new = message.visible_text if message.visible_text.strip() != message.text.strip() else ""
    html, said, more = framed(message.id, message.html, inline_urls(message), pictures, new)
    response.set_data(render_template("tickets/mail.html", html=html, said=said, more=more))
    return response


@frames.get("/messages/<int:message_id>/picture")
@limiter.limit(PICTURES_AT_ONCE, key_func=_agent_key)
def picture(message_id: int) -> Response:
    queries.message(me(), message_id)
    url, until, key = (request.args.get(name, "") for name in ("url", "until", "key"))
    allowed = settings.current().remote_images != "never"
    if not allowed or not signed_links.is_picture(message_id, url, until, key):
        raise Forbidden(_("This address was not made here, or is too old."))
    db.session.rollback()  # no connection is held while another server takes its time
    try:
        found = _fetched(url)
    except remote.NoPicture as refusal:
        return _bytes(_placeholder(refusal.reason).encode(), "image/svg+xml", "private, max-age=300", 502)
    return _bytes(found.data, found.content_type, KEPT, 200)


@frames.post("/messages/<int:message_id>/sender/trust")
def trust_sender(message_id: int) -> tuple[str, int]:
    message = queries.message(me(), message_id)
    if message.identity is None:
        raise Invalid(_("This message has no sender who could be trusted."))
    trust.trust(me(), message.identity.address)
    db.session.commit()
    return "", 204


@frames.get("/links")
def odd_link() -> str:
    url, text = request.args.get("url", ""), request.args.get("text", "")
    if not signed_links.is_link(url, request.args.get("key", "")):
        raise Forbidden(_("This address was not made here, or is too old."))
    link = links.look(url, text, own_domains())
    return render_template("tickets/link.html", link=link, warnings=warnings(link, text))


def warnings(link: links.Link, text: str) -> list[str]:
    """What is odd about the link, as sentences."""
    known: dict[links.Oddity, str] = {
        "elsewhere": _(
            "The text says %(claimed)s, but the link leads to %(host)s.", claimed=links.host_in(text), host=link.host
        ),
        "imitates": _("The name resembles %(own)s, but does not belong to it.", own=link.twin),
        "twin": _("Some letters only look like others: this is not %(twin)s.", twin=link.twin),
        "scripts": _("Letters of different alphabets are mixed in one word, which honest names do not do."),
        "number": _("It leads to a bare number instead of a name."),
        "user": _("What stands before the @ is not where it leads."),
    }
    return [known[oddity] for oddity in link.oddities]


def _fetched(url: str) -> remote.Picture:
    """The picture, while today's budget lasts. Raises NoPicture."""
    if picture_budget.is_used_up():
        raise remote.NoPicture("budget")
    try:
        found = remote.picture(url)
    except remote.NoPicture as refusal:
        picture_budget.charge(refusal.read)
        raise
    picture_budget.charge(len(found.data))
    return found


def _placeholder(reason: remote.Reason) -> str:
    sentences: dict[remote.Reason, str] = {
        "address": _("Image not shown: closed address"),
        "unreachable": _("Image not shown: no answer"),
        "timeout": _("Image not shown: too slow"),
        "large": _("Image not shown: too large"),
        "type": _("Image not shown: not an image"),
        "refused": _("Image not shown: refused"),
        "busy": _("Image not shown: try again"),
        "budget": _("Image not shown: enough for today"),
    }
    return PLACEHOLDER.format(said=escape(sentences[reason]))


def _bytes(data: bytes, content_type: str, kept: str, status: int) -> Response:
    response = make_response(data, status)
    response.headers["Content-Type"] = content_type
    response.headers["Cache-Control"] = kept
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
