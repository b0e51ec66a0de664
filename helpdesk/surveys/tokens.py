"""The signed token in a survey's link: ``<invitation>-<signature>``. Whoever has it may answer; nobody can guess it."""

from __future__ import annotations

import re

from helpdesk import crypto

_TOKEN = re.compile(r"(\d{1,18})-([0-9a-f]{32})", re.ASCII)


def make(invitation_id: int) -> str:
    return f"{invitation_id}-{crypto.sign('survey', str(invitation_id), 32)}"


def invitation_of(token: str) -> int | None:
    """The invitation's id; None when we did not sign this token."""
    found = _TOKEN.fullmatch(token)
    if found is None or not crypto.is_signed("survey", found[1], found[2], 32):
        return None
    return int(found[1])
