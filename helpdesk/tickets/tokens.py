"""Signed tokens that come back to us in mail.

In our Message-IDs, by which an answer finds its ticket: ``t<ticket>.<nonce>.<signature>``, or of one of its side
conversations: ``t<ticket>-<side conversation>.…``. In envelopes, by which a report finds its delivery:
``d<delivery>.<signature>``.
"""

from __future__ import annotations

import re
import secrets

from helpdesk import crypto

_TOKEN = re.compile(r"\bt(\d{1,18})(?:-(\d{1,18}))?\.([0-9a-z]{16})\.([0-9a-f]{20})(?=@|\b)", re.IGNORECASE)
_DELIVERY = re.compile(r"(?<![0-9a-z])d(\d{1,18})\.([0-9a-f]{20})(?![0-9a-z])", re.IGNORECASE)


def make(ticket_id: int, side_conversation_id: int | None = None) -> str:
    """A fresh token of this ticket, or of one of its side conversations: no two messages share one."""
    about = str(ticket_id) if side_conversation_id is None else f"{ticket_id}-{side_conversation_id}"
    nonce = secrets.token_hex(8)
    return f"t{about}.{nonce}.{crypto.sign('message id', f'{about}.{nonce}')}"


def ticket_of(message_id: str) -> int | None:
    """The ticket whose token this Message-ID carries; None when it carries none, or one that we did not sign."""
    found = _signed(message_id)
    return int(found.group(1)) if found else None


def side_conversation_of(message_id: str) -> int | None:
    """The side conversation whose token this Message-ID carries."""
    found = _signed(message_id)
    return int(found.group(2)) if found and found.group(2) else None


def for_delivery(delivery_id: int) -> str:
    """The token of this delivery, the same each time that it is sent."""
    return f"d{delivery_id}.{crypto.sign('delivery', str(delivery_id))}"


def delivery_of(text: str) -> int | None:
    """The delivery whose token stands in this address or envelope id; None when none does, or one that we did not sign."""
    found = _DELIVERY.search(text)
    if found is None or not crypto.is_signed("delivery", found.group(1), found.group(2).lower()):
        return None
    return int(found.group(1))


def _signed(message_id: str) -> re.Match[str] | None:
    found = _TOKEN.search(message_id)
    if found is None:
        return None
    about = found.group(1) if found.group(2) is None else f"{found.group(1)}-{found.group(2)}"
    said = f"{about}.{found.group(3).lower()}"
    return found if crypto.is_signed("message id", said, found.group(4).lower()) else None


def is_forged(message_id: str) -> bool:
    """Whether this Message-ID has the form of our token without our signature."""
    return _TOKEN.search(message_id) is not None and ticket_of(message_id) is None
