"""What programs call things in requests about tickets, looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from helpdesk.agents import find
from helpdesk.agents.models import Agent, Team
from helpdesk.cursors import LARGEST_ID
from helpdesk.errors import Invalid
from helpdesk.filters import Condition
from helpdesk.inboxes import access
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import PRIORITIES

NONE = "none"


def conditions(agent: Agent, query: Mapping[str, Any]) -> list[Condition]:
    """The filters of a query as conditions of the one filter mechanism. An unknown name finds nothing."""
    values: dict[str, Any] = {name: query[name] for name in ("status", "customer", "tag") if name in query}
    if "priority" in query:
        values["priority"] = [PRIORITIES[name] for name in query["priority"]]
    if "team" in query:
        values["team"] = _id(query["team"], find.team)
    if "assignee" in query:
        values["assignee"] = _id(query["assignee"], lambda named: find.colleague(agent, named))
    if "inbox" in query:
        values["inbox"] = _id(query["inbox"], lambda named: access.named(agent, named))
    return [{"field": name, "op": _operator(name, value), "value": value} for name, value in values.items()]


def team(named: int | str | None) -> Team | None:
    """The team. Raises Invalid when there is none."""
    return _required("team", find.team(named), _("This team does not exist.")) if named is not None else None


def colleague(agent: Agent, named: int | str | None) -> Agent | None:
    """The agent. Raises Invalid when there is none."""
    sentence = _("This agent does not exist or is no longer active.")
    return _required("assignee", find.colleague(agent, named), sentence) if named is not None else None


def inbox(agent: Agent, named: int | str) -> Inbox:
    """The inbox. Raises Invalid when there is none that the agent may use."""
    found: Inbox = _required("inbox", access.named(agent, named), _("This inbox does not exist."))
    return found


def _required(name: str, found: Any, sentence: str) -> Any:
    if found is None:
        raise Invalid(sentence, errors={name: [sentence]})
    return found


def _id(text: str, look_up: Any) -> int | None:
    """The id behind the words of a query; None for ``none``, 0 for what does not exist."""
    if text == NONE:
        return None
    found = look_up(int(text) if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else text)
    return found.id if found is not None else 0


def _operator(name: str, value: Any) -> str:
    return "in" if isinstance(value, list) else "has" if name == "tag" else "is"
