"""The scale of a survey in words. CSAT: 1 (very bad) to 5 (very good)."""

from __future__ import annotations

from flask_babel import gettext as _

LOWEST, HIGHEST = 1, 5


def scores() -> list[tuple[int, str]]:
    """Each score with its word in the reader's language, lowest first."""
    return [(1, _("Very bad")), (2, _("Bad")), (3, _("So-so")), (4, _("Good")), (5, _("Very good"))]


def score_name(score: int) -> str:
    """The word of one score."""
    return dict(scores())[score]
