"""The public page behind a survey's link: needs no account and no script. A GET never votes: scanners follow links."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as AnyResponse

from helpdesk.errors import HelpdeskError
from helpdesk.extensions import csrf, limiter
from helpdesk.forms import numbers
from helpdesk.i18n import LANGUAGES, select_language
from helpdesk.surveys import answer, queries
from helpdesk.surveys.mail import language_of
from helpdesk.surveys.models import Invitation
from helpdesk.surveys.scores import HIGHEST, LOWEST, score_name, scores

pages = Blueprint("surveys", __name__, url_prefix="/s")


def install(app: Flask) -> None:
    csrf.exempt(pages)  # there is no session to ride on: the link itself is the right to answer
    app.register_blueprint(pages)
    app.jinja_env.globals.update(score_name=score_name)


@pages.get("/<token>")
@limiter.limit("120 per minute")
def ask(token: str) -> str:
    invitation = answer.find(token)
    return _page(token, invitation)


@pages.post("/<token>")
@limiter.limit("30 per minute")
def vote(token: str) -> AnyResponse:
    chosen = numbers([request.form.get("score", "")])
    answer.score(token, chosen[0] if chosen else 0)
    return redirect(url_for("surveys.ask", token=token, lang=_asked()), 303)


@pages.post("/<token>/comment")
@limiter.limit("30 per minute")
def comment(token: str) -> AnyResponse:
    answer.comment(token, request.form.get("comment", ""))
    return redirect(url_for("surveys.ask", token=token, lang=_asked(), said=1), 303)


@pages.after_request
def _hide_from_search(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.errorhandler(HelpdeskError)
def _refused(error: HelpdeskError) -> Response:
    """A friendly page for people who are no users of ours."""
    with force_locale(_asked() or select_language()):
        page = render_template("surveys/refused.html", error=error)
    return make_response(page, error.status)


def _page(token: str, invitation: Invitation) -> str:
    tapped = _tapped()
    changing = request.args.get("change") == "1" or tapped not in (None, invitation.score)
    thanks = invitation.answered_at is not None and not (changing and answer.is_changeable(invitation))
    language = _asked() or language_of(invitation)
    with force_locale(language):
        return render_template(
            "surveys/thanks.html" if thanks else "surveys/ask.html",
            token=token, invitation=invitation, scores=scores(), chosen=tapped or invitation.score, lang=_asked(),
            quote=queries.last_reply(invitation.ticket), changeable=answer.is_changeable(invitation),
            longest=answer.COMMENT_CHARS, said="said" in request.args,
        )  # fmt: skip


def _tapped() -> int | None:
    """The score that was tapped in the mail. It is shown as chosen, and is not a vote yet."""
    tapped = request.args.get("score", "")
    return int(tapped) if tapped in {str(value) for value in range(LOWEST, HIGHEST + 1)} else None


def _asked() -> str | None:
    """The language that the reader switched to."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None
