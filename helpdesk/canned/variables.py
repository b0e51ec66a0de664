"""Variables of canned replies: ``{{ customer.first_name|fallback("there") }}`` and nothing else.

A grammar of one line instead of a template language: filling in is one pass over the text, takes time by its length alone,
can call nothing, and never looks at what it has put in, so that no customer's words are ever read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape

from flask_babel import gettext as _

from helpdesk.agents.models import Agent
from helpdesk.tickets.models import Ticket

NAMES = (
    "customer.first_name", "customer.name", "customer.address", "customer.company", "ticket.number", "ticket.subject",
    "agent.first_name", "agent.name", "agent.email", "team.name", "inbox.name", "inbox.address",
)  # fmt: skip
FALLBACK_CHARS = 200
_QUOTE = r"""(?:"|'|“|”|&quot;|&#34;|&#39;)"""
_GAP = r"(?:\s|&nbsp;){0,20}"
_VARIABLE = re.compile(
    rf"\{{\{{{_GAP}([a-z_]{{1,30}}\.[a-z_]{{1,30}}){_GAP}"
    rf"(?:\|{_GAP}fallback\({_GAP}{_QUOTE}([^<>{{}}\"“”]{{0,{FALLBACK_CHARS}}}?){_QUOTE}{_GAP}\){_GAP})?\}}\}}"
)
_OPENED = re.compile(r"\{\{[^<]{0,40}")


@dataclass(frozen=True, slots=True)
class Filled:
    """HTML with its variables filled in; ``missing`` are those that had no value here and no fallback."""

    html: str
    missing: list[str] = field(default_factory=list)


def values_of(agent: Agent, ticket: Ticket) -> dict[str, str]:
    """What each of NAMES stands for on this ticket, when this agent writes."""
    customer, inbox = ticket.customer, ticket.inbox
    theirs = [identity.address for identity in customer.identities if identity.channel == ticket.channel]
    return {
        "customer.first_name": first_name(customer.name or ""),
        "customer.name": customer.name or "",
        "customer.address": theirs[0] if theirs else "",
        "customer.company": customer.company or "",
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "agent.first_name": first_name(agent.name),
        "agent.name": agent.name,
        "agent.email": agent.email,
        "team.name": ticket.team.name if ticket.team else "",
        "inbox.name": inbox.name,
        "inbox.address": inbox.address,
    }


def first_name(name: str) -> str:
    """How a person is spoken to: the first word of the name, or what follows the comma of a list."""
    _family, comma, given = name.partition(",")
    words = (given if comma else name).split()
    return words[0] if words and "@" not in words[0] else ""


def problems(html: str) -> list[str]:
    """Why this text could not be filled in, as sentences; none when it can."""
    found = [_unknown(name) for name, _fallback in _VARIABLE.findall(html) if name not in NAMES]
    for piece in _OPENED.findall(_VARIABLE.sub("", html)):
        example = '{{ customer.first_name|fallback("…") }}'
        found.append(_("“%(piece)s” cannot be read; write it like %(example)s.", piece=unescape(piece), example=example))
    return list(dict.fromkeys(found))


def fill(html: str, values: Mapping[str, str], *, marking: bool = False) -> Filled:
    """The text with its variables filled in, once. ``marking`` marks what has no value, for a preview's reader."""
    missing: list[str] = []

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1]) or unescape(found[2] or "")
        if value:
            return escape(value)
        if found[2] is None:
            missing.append(found[1])
            return f"<mark>{escape(found[1])}</mark>" if marking else ""
        return ""

    return Filled(_VARIABLE.sub(put, html), list(dict.fromkeys(missing)))


def written(name: str) -> str:
    """The variable as it is typed."""
    return f"{{{{ {name} }}}}"


def _unknown(name: str) -> str:
    return _("There is no variable “%(name)s”; there are: %(names)s.", name=name, names=", ".join(NAMES))
