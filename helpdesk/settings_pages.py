"""The frame of the settings: which sections there are, and who may open them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from helpdesk.agents.models import ROLES
from helpdesk.agents.session import me, only_agents
from helpdesk.inboxes import quarantine, words

pages = Blueprint("settings", __name__, url_prefix="/settings")
pages.before_request(only_agents)


@dataclass(frozen=True, slots=True)
class Section:
    key: str  # what a page sets as its ``section``
    endpoint: str
    icon: str
    label: Any  # lazy string
    role: str = "admin"
    waiting: Callable[[], int] = lambda: 0  # how many things wait there for a decision

    @property
    def url(self) -> str:
        return url_for(self.endpoint)


GROUPS: tuple[tuple[Any, tuple[Section, ...]], ...] = (
    (
        lazy_gettext("Channels"),
        (
            Section("inboxes", "inboxes.index", "inbox", lazy_gettext("Inboxes")),
            Section("received", "received.index", "bolt", lazy_gettext("Unreadable items"), waiting=quarantine.total),
        ),
    ),
    (
        lazy_gettext("Work"),
        (
            Section("teams", "teams.index", "people", lazy_gettext("Teams"), "lead"),
            Section("people", "people.index", "user", lazy_gettext("Agents")),
            Section("canned", "canned_settings.index", "reply", lazy_gettext("Canned replies"), "agent"),
            Section("macros", "macro_settings.index", "bolt", lazy_gettext("Macros"), "agent"),
            Section("surveys", "survey_settings.index", "star", lazy_gettext("Surveys")),
        ),
    ),
    (lazy_gettext("System"), (Section("tokens", "tokens.index", "key", lazy_gettext("API tokens")),)),
)


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.globals.update(
        settings_groups=groups,
        role_name=role_name,
        field_label=words.field_label,
        step_words=words.step_words,
        compared_words=words.compared_words,
    )


@pages.get("")
def index() -> Response:
    """To the first section that the agent may open."""
    return redirect(groups()[0][1][0].url)


def groups() -> Sequence[tuple[Any, Sequence[Section]]]:
    """The sections that exist here and that the signed-in agent may open, in groups."""
    rank = ROLES.index(me().role)
    found = [
        (label, [one for one in sections if one.endpoint in current_app.view_functions and ROLES.index(one.role) <= rank])
        for label, sections in GROUPS
    ]
    return [group for group in found if group[1]]


def role_name(role: str) -> str:
    """What people call this role."""
    return {"agent": _("Agent"), "lead": _("Lead"), "admin": _("Admin")}[role]
