"""The running application's settings."""

from __future__ import annotations

from flask import current_app

from helpdesk.config import Settings


def current() -> Settings:
    """The settings that this application was made with."""
    settings: Settings = current_app.extensions["settings"]
    return settings
