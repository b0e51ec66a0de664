"""The signed token in our Message-IDs, by which an answer finds its ticket: ``t<ticket>.<signature>``."""

from __future__ import annotations

import re
import secrets

from helpdesk import crypto

_TOKEN = re.compile(r"\bt(\d{1,18})\.([0-9a-z]{16})\.([0-9a-f]{20})(?=@|\b)", re.IGNORECASE)


def make(ticket_id: int) -> str:
    """A fresh token of this ticket: no two messages share one."""
    nonce = secrets.token_hex(8)
    return f"t{ticket_id}.{nonce}.{crypto.sign('message id', f'{ticket_id}.{nonce}')}"


def ticket_of(message_id: str) -> int | None:
    """The ticket whose token this Message-ID carries; None when it carries none, or one that we did not sign."""
    found = _TOKEN.search(message_id)
    if found is None:
        return None
    number, nonce, signature = found.group(1), found.group(2).lower(), found.group(3).lower()
    return int(number) if crypto.is_signed("message id", f"{number}.{nonce}", signature) else None


def is_forged(message_id: str) -> bool:
    """Whether this Message-ID has the form of our token without our signature."""
    return _TOKEN.search(message_id) is not None and ticket_of(message_id) is None
