"""Settings: surveys. What goes out by itself, how often, and how the mail looks in each language."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from helpdesk import settings
from helpdesk.agents.session import guard
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.i18n import LANGUAGES
from helpdesk.surveys import actions, mail, queries
from helpdesk.web_security import MAIL_POLICY

pages = Blueprint("survey_settings", __name__, url_prefix="/settings/surveys")
pages.before_request(guard("admin"))


EXAMPLES = {"en": ("Daniel Okafor", "The lid is missing"), "tr": ("Şükran Işıldak", "Tencerenin kapağı yok")}


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def index() -> AnyResponse:
    return redirect(url_for("survey_settings.edit", survey_id=queries.all_surveys()[0].id))


@pages.get("/<int:survey_id>")
def edit(survey_id: int) -> str:
    survey = queries.survey(survey_id)
    return _page(survey_id, {"name": survey.name, "active": survey.active, "throttle_days": str(survey.throttle_days)}, {})


@pages.post("/<int:survey_id>")
def save(survey_id: int) -> AnyResponse | tuple[str, int]:
    name, days, active = request.form.get("name", ""), request.form.get("throttle_days", ""), "active" in request.form
    try:
        actions.change(queries.survey(survey_id), name=name, active=active, throttle_days=days)
    except Invalid as refusal:
        db.session.rollback()
        return _page(survey_id, {"name": name, "active": active, "throttle_days": days}, refusal.errors), refusal.status
    flash(_("Saved."), "done")
    return redirect(url_for("survey_settings.edit", survey_id=survey_id), 303)


@pages.get("/<int:survey_id>/preview/<language>")
def preview(survey_id: int, language: str) -> Response:
    """The mail as a customer gets it, in a page of its own that nothing runs in; its links lead nowhere."""
    queries.survey(survey_id)
    if language not in LANGUAGES:
        raise NotFound(_("There is no such language."))
    name, subject = EXAMPLES[language]
    response = make_response(mail.render(language, "#", sender="Lodos Ev", name=name, subject=subject, number=1042).html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _page(survey_id: int, values: dict[str, object], errors: dict[str, list[str]]) -> str:
    return render_template(
        "surveys/settings.html", survey=queries.survey(survey_id), rows=queries.all_surveys(), values=values, errors=errors,
        figures=queries.figures(survey_id), delay=settings.current().survey_delay_seconds,
        valid_days=settings.current().survey_valid_days, here="settings", section="surveys",
    )  # fmt: skip
