"""The admin's verb on surveys."""

from __future__ import annotations

from flask_babel import gettext as _

from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.surveys.models import Survey

MOST_DAYS = 3650


def change(survey: Survey, *, name: str, active: bool, throttle_days: str) -> None:
    """Change a survey and commit. Raises Invalid naming each wrong field."""
    errors: dict[str, list[str]] = {}
    if not (clean := one_line(name, 200)):
        errors["name"] = [_("Write a name.")]
    if not (throttle_days.isascii() and throttle_days.isdecimal() and int(throttle_days[:6]) <= MOST_DAYS):
        errors["throttle_days"] = [_("This must be a number from 0 to %(most)s.", most=MOST_DAYS)]
    if errors:
        raise Invalid(_("Something needs correcting."), errors=errors)
    survey.name, survey.active, survey.throttle_days = clean, active, int(throttle_days)
    db.session.commit()
