"""Why a message landed where it is, kept with it: the rule, what our server said of the sender, what is folded away.

``{"rule", "by", "ticket", "why", "result", "server", "methods", "policy", "delivered_to", "folded", "signature",
"vouched", "forwarded_by"}``, each only when there is something to say; ``folded`` and ``signature`` are lines.
A verified colleague who forwards a mail vouches for nobody but himself: its writer has no ``result``.
"""

from __future__ import annotations

from typing import Any

from channels.messages import IncomingMessage
from helpdesk.folding import storable
from helpdesk.tickets.incoming.thread import Found

MOST_ADDRESSES, MOST_METHODS = 5, 20
BY_CHARS = 500


def of(
    message: IncomingMessage, found: Found, why: str | None = None, *, vouched: bool = False, forwarded_by: str = ""
) -> dict[str, Any]:
    """The origin of a message that goes where ``found`` says; ``why`` it was only linked (``linking``)."""
    clue, verdict = found.clue, message.verdict
    known = {
        "rule": found.rule,
        "by": storable(clue.by, BY_CHARS) if clue else "",
        "ticket": clue.ticket.id if clue and found.ticket is None else None,
        "why": why,
        "result": "" if forwarded_by else verdict.result,
        "server": storable(verdict.server, 255),
        "methods": [list(one) for one in verdict.methods[:MOST_METHODS]],
        "policy": verdict.policy,
        "delivered_to": [storable(one.address, 320) for one in message.delivered_to[:MOST_ADDRESSES]],
        "folded": _lines(message.text) - _lines(message.visible_text) if message.visible_text else 0,
        "signature": 0 if message.visible_text.endswith(message.signature) else _lines(message.signature),
        "vouched": vouched,
        "forwarded_by": forwarded_by,
    }
    return {name: value for name, value in known.items() if value}


def _lines(text: str) -> int:
    return text.strip().count("\n") + 1 if text.strip() else 0
