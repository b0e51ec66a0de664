"""The main menu: the screens that exist and that this person may open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user


@dataclass(frozen=True, slots=True)
class Screen:
    key: str  # what a page sets as its ``here``
    endpoint: str
    icon: str
    label: Any  # lazy string
    keys: str = ""  # the key sequence that goes there
    values: dict[str, Any] = field(default_factory=dict)
    role: str = "agent"
    wide: bool = False  # left out of a phone's tabs
    bottom: bool = False

    @property
    def url(self) -> str:
        return url_for(self.endpoint, **self.values)


SCREENS = (
    Screen("inbox", "tickets.inbox", "inbox", lazy_gettext("Inbox"), "G U"),
    Screen("mine", "tickets.inbox", "mine", lazy_gettext("Mine"), "G M", {"view": "mine"}),
    Screen("suspended", "suspended.index", "lock", lazy_gettext("Suspended"), wide=True),
    Screen("notifications", "notifications.index", "bell", lazy_gettext("Notifications"), "G N"),
    Screen("customers", "customers.index", "people", lazy_gettext("Customers"), "G C"),
    Screen("settings", "settings.index", "sliders", lazy_gettext("Settings"), "G S", bottom=True),
)
_RANK = {"agent": 0, "lead": 1, "admin": 2}


def rail() -> list[Screen]:
    """The screens of this installation that the signed-in agent may open, in order."""
    rank = _RANK.get(getattr(current_user, "role", ""), -1)
    return [screen for screen in SCREENS if screen.endpoint in current_app.view_functions and _RANK[screen.role] <= rank]


def go_keys() -> dict[str, dict[str, str]]:
    """Key sequences for the key sheet and the keyboard: second letter → address and label."""
    return {
        screen.keys.split()[-1].lower(): {"url": screen.url, "label": _("Go to: %(screen)s", screen=screen.label)}
        for screen in rail()
        if screen.keys
    }
