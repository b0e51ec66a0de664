"""Verbs that write macros. Each commits."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _

from helpdesk import clock
from helpdesk.agents import sharing
from helpdesk.agents.models import Agent
from helpdesk.canned import queries as canned_replies
from helpdesk.canned.models import CannedReply
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.macros import queries, steps
from helpdesk.macros.models import Macro


@dataclass(frozen=True, slots=True)
class Form:
    """What a macro shall be. ``canned_id``: the canned reply that it answers with, instead of the step ``reply``."""

    name: str
    steps: steps.Steps = field(default_factory=dict)
    visibility: str = "private"
    team_id: int | None = None
    key: str = ""
    canned_id: int | None = None


def add(agent: Agent, form: Form) -> Macro:
    """Make a macro. Raises Invalid naming the fields that are wrong, Forbidden for what only leads may share."""
    macro = Macro()
    _set(agent, macro, form)
    db.session.add(macro)
    db.session.commit()
    return macro


def change(agent: Agent, macro_id: int, form: Form) -> Macro:
    """Change all of a macro. Raises NotFound, Forbidden, Invalid."""
    macro = queries.get(agent, macro_id)
    sharing.refuse_foreign(agent, macro)
    _set(agent, macro, form)
    db.session.commit()
    return macro


def delete(agent: Agent, macro_id: int) -> None:
    """Delete a macro; what it did stays. Raises NotFound, Forbidden."""
    macro = queries.get(agent, macro_id)
    sharing.refuse_foreign(agent, macro)
    db.session.delete(macro)
    db.session.commit()


def form_of(macro: Macro) -> Form:
    """The macro as it is, as a form to change."""
    return Form(macro.name, macro.steps, macro.visibility, macro.team_id, macro.key, macro.canned_reply_id)


def _set(agent: Agent, macro: Macro, form: Form) -> None:
    kept = steps.checked(form.steps)
    canned = _canned(agent, form.canned_id)
    if canned is not None:
        kept.pop("reply", None)
    errors: dict[str, list[str]] = {}
    if not one_line(form.name, 200):
        errors["name"] = [_("Write a name.")]
    if form.key not in ("", *"123456789"):
        errors["key"] = [_("Choose one of the list.")]
    if not kept and canned is None:
        errors["steps"] = [_("Choose at least one thing that it does.")]
    sharing.share(agent, macro, form.visibility, form.team_id)
    if canned is not None and not _reaches(canned, macro):
        errors["canned"] = [_("Not everybody who can use this macro can use that canned reply.")]
    if errors:
        raise Invalid(_("This macro cannot be saved yet."), errors=errors)
    macro.name, macro.key, macro.steps, macro.canned = one_line(form.name, 200), form.key, kept, canned
    macro.updated_at = clock.now()


def _canned(agent: Agent, canned_id: int | None) -> CannedReply | None:
    if canned_id is None:
        return None
    try:
        return canned_replies.get(agent, canned_id)
    except NotFound as error:
        raise Invalid(_("This macro cannot be saved yet."), errors={"canned": [error.detail]}) from error


def _reaches(canned: CannedReply, macro: Macro) -> bool:
    """Whether everybody who has the macro has the canned reply as well."""
    if canned.visibility == "all" or macro.visibility == "private":
        return True
    return canned.visibility == "team" and canned.team_id == macro.team_id
