"""The signed-in agent of a request. A blueprint is closed to strangers with ``before_request(only_agents)``,
and to lower roles with ``before_request(guard("lead"))``."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk.agents.models import ROLES, Agent, Role
from helpdesk.error_pages import answer, wants_json
from helpdesk.errors import Forbidden
from helpdesk.extensions import login_manager


def me() -> Agent:
    """The agent who is signed in; only where ``only_agents`` has let somebody in."""
    agent: Agent = current_user._get_current_object()
    return agent


def only_agents() -> Response | None:
    """Send a stranger to the sign-in page, and his script a 401."""
    if current_user.is_authenticated:
        return None
    if wants_json():
        return answer(401, detail=_("You are not signed in."), code="signed_out")
    page: Response = login_manager.unauthorized()
    return page


def guard(least: Role) -> Callable[[], Response | None]:
    """A ``before_request`` that also refuses agents below this role with Forbidden."""

    def look() -> Response | None:
        refused = only_agents()
        if refused is None and ROLES.index(me().role) < ROLES.index(least):
            raise Forbidden(_("Your role does not allow this."))
        return refused

    return look
