"""Who is signed in, for pages, and which role a page asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.agents.models import ROLES, Agent, Role
from helpdesk.errors import Forbidden
from helpdesk.extensions import login_manager


def me() -> Agent:
    """The signed-in agent. Only behind a guard."""
    return cast(Agent, current_user._get_current_object())


def guard(least: Role) -> Callable[[], Response | None]:
    """A ``before_request`` that sends strangers to the sign-in and refuses lower roles with Forbidden."""

    def look() -> Response | None:
        if not current_user.is_authenticated:
            return cast(Response, login_manager.unauthorized())
        if ROLES.index(current_user.role) < ROLES.index(least):
            raise Forbidden(_("Your role does not allow this."))
        return None

    return look
