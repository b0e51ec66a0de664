"""What the form of an inbox and its test say: names of fields, and what each step did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from channels.base import CheckStep
from helpdesk.inboxes.form import Form
from helpdesk.inboxes.problems import trouble


def field_label(form: Form, name: str) -> str:
    """What a field of the inbox form is called."""
    for setting in form.kind.settings:
        if setting.name == name:
            return f"{_(setting.group)}, {_(setting.label)}" if setting.group else str(_(setting.label))
    return {"name": _("Name"), "address": _("Address"), "team": _("Team")}.get(name, name)


def step_words(step: CheckStep) -> str:
    """What a step of a test did, did not, or was not asked to do."""
    done, failed, skipped = _steps()[step.step]
    return skipped if step.ok is None else done if step.ok else failed


def compared_words(found: Mapping[str, Any]) -> str:
    """What the last comparison of an inbox with its server found."""
    if found["problems"]:
        source, problem = next(iter(found["problems"].items()))
        return _("%(folder)s could not be compared: %(why)s", folder=source, why=trouble("receive", problem["code"]).title)
    if found["missing"]:
        return _(
            "server %(server)s, stored %(stored)s, missing %(missing)s, fetched %(fetched)s",
            **{name: format_decimal(found[name]) for name in ("server", "stored", "missing", "fetched")},
        )
    figures = {name: format_decimal(found[name]) for name in ("server", "stored")}
    return _("server %(server)s, stored %(stored)s", **figures)


def _steps() -> dict[str, tuple[str, str, str]]:
    return {
        "resolve_in": (_("Receiving server found"), _("Receiving server not found"), _("Receiving server not looked up")),
        "connect_in": (_("Receiving server connected"), _("Receiving server not connected"), _("Receiving not tried")),
        "login_in": (_("Signed in to receive"), _("Sign-in to receive was refused"), _("No sign-in to receive")),
        "folder": (_("Folder opened"), _("Folder could not be opened"), _("Folder not opened")),
        "resolve_out": (_("Sending server found"), _("Sending server not found"), _("Sending server not looked up")),
        "connect_out": (_("Sending server connected"), _("Sending server not connected"), _("Sending not tried")),
        "login_out": (_("Signed in to send"), _("Sign-in to send was refused"), _("No sign-in to send")),
        "send": (_("Test mail sent"), _("Test mail was refused"), _("No test mail was sent")),
    }
