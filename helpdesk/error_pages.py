"""Every error as a page of three parts (what happened, what is safe, what to do), or as JSON for a script."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from helpdesk.errors import HelpdeskError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Explained:
    title: str
    happened: str
    safe: str
    todo: str
    again: bool = False  # whether trying the same again can help


def install(app: Flask) -> None:
    """Answer expected refusals, HTTP errors and crashes with sentences in the reader's language."""
    app.register_error_handler(HelpdeskError, _refusal)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


def wants_json() -> bool:
    """Whether a script asks: it gets a problem document (RFC 9457) instead of a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith("/api/") or request.is_json or best == "application/json"


def explain(status: int, detail: str = "") -> Explained:
    """The three parts for a status; ``detail`` replaces the sentence on what happened."""
    nothing_changed = _("Nothing was changed. Drafts stay on this device.")
    known = {
        400: Explained(_("This request makes no sense"), _("The address or the form was incomplete."), nothing_changed,
                       _("Go back, load the page anew and try again.")),
        401: Explained(_("Not signed in"), _("This is only for people who have signed in."), nothing_changed,
                       _("Sign in, or send a valid API token.")),
        403: Explained(_("Not for you"), _("Your role does not allow this."), nothing_changed,
                       _("Ask an admin if you need it for your work.")),
        404: Explained(_("Not found"), _("There is nothing at this address, or it is not yours to see."),
                       _("No ticket is ever deleted by opening a wrong address."),
                       _("Check the number, or look for it in the inbox.")),
        405: Explained(_("This request makes no sense"), _("This address does not answer such a request."),
                       nothing_changed, _("Go back, load the page anew and try again.")),
        409: Explained(_("It changed meanwhile"), _("Somebody else changed this while you had it open."),
                       _("Their change is kept; yours was not made."), _("Look at the current state and decide anew."),
                       True),
        413: Explained(_("Too large"), _("What you sent is larger than this server accepts."), nothing_changed,
                       _("Send fewer or smaller files, or a link to them.")),
        415: Explained(_("Not in this form"), _("What you sent is not JSON, or does not say that it is."), nothing_changed,
                       _("Send it with the header “Content-Type: application/json”.")),
        422: Explained(_("Something is missing"), _("A field has a value that cannot be used."), nothing_changed,
                       _("Go back, correct it and try again.")),
        429: Explained(_("Too many tries"), _("This came too often from your address."), nothing_changed,
                       _("Wait a minute, then try again."), True),
        503: Explained(_("Temas is busy or starting"), _("The database or another part does not answer right now."),
                       _("Mail that arrives meanwhile is kept and shown afterwards."), _("Try again in a moment."),
                       True),
    }  # fmt: skip
    found = known.get(status) or Explained(
        _("Something broke"),
        _("The server made a mistake while answering; it was written to the log."),
        _("Your tickets and drafts are safe: a change is made whole or not at all."),
        _("Try again. If it happens again, give your admin the reference below."),
        True,
    )
    return found if not detail else Explained(found.title, detail, found.safe, found.todo, found.again)


def answer(status: int, *, detail: str = "", code: str = "", reference: str = "", extra: Any = None) -> Response:
    """The error as the page or the problem document that fits the request."""
    parts = explain(status, detail)
    if wants_json():
        kind = f"urn:temas:problem:{code}" if code else "about:blank"
        problem = {"type": kind, "title": parts.title, "status": status, "detail": parts.happened}
        response = jsonify(problem | {"safe": parts.safe, "todo": parts.todo} | (extra or {}))
        response.mimetype = "application/problem+json"
    else:
        page = render_template("errors/error.html", status=status, reference=reference, **_as_dict(parts))
        response = make_response(page)
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response.headers["Retry-After"] = "30"
    return response


def by_field(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """marshmallow's messages, nested as the input is and led by where it was, as sentences by ``outer.inner`` field."""
    found: dict[str, list[str]] = {}
    for where, inner in messages.items():
        _collect(inner, [] if where in ("json", "query") else [str(where)], found)
    return found


def _collect(messages: Any, path: list[str], found: dict[str, list[str]]) -> None:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            _collect(inner, path if name == "_schema" else [*path, str(name)], found)
    else:
        said = messages if isinstance(messages, list) else [messages]
        found.setdefault(".".join(path) or "body", []).extend(str(sentence) for sentence in said)


def _as_dict(parts: Explained) -> dict[str, Any]:
    return {name: getattr(parts, name) for name in ("title", "happened", "safe", "todo", "again")}


def _refusal(error: HelpdeskError) -> Response:
    extra = error.extra | ({"errors": error.errors} if error.errors else {})
    return answer(error.status, detail=error.detail, code=error.code, extra=extra)


def _stale_form(_error: CSRFError) -> Response:
    return answer(400, detail=_("This form is too old: your session has ended or was renewed."), code="csrf")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None and isinstance(error.response, Response):
        return error.response
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    messages = getattr(error, "data", {}).get("messages")  # what webargs found wrong with a request's fields
    response = answer(error.code, extra={"errors": by_field(messages)} if messages else None)
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def _crash(error: Exception) -> Response:
    reference = secrets.token_hex(4)
    log.exception("request_failed", reference=reference, endpoint=request.endpoint, error=type(error).__name__)
    return answer(500, reference=reference, extra={"reference": reference})
