"""Delivery status reports (RFC 3464, in other alphabets RFC 6533): what became of each recipient's copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.mime.addresses import clean_address
from channels.mime.headers import Headers, read_headers
from channels.mime.tree import Part

KIND = re.compile(r"^(?:message|text)/(?:global-|x-?)?delivery-status$")
MAX_GROUPS = 1_000
MAX_ENVELOPE_ID = 100  # RFC 3461 §4.4
ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY_CODE = re.compile(r"\b([45])\d\d[ -]")


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient's fate. ``action`` is failed, delayed, delivered, relayed or expanded; ``status`` an RFC 3463 code."""

    address: str
    action: str
    status: str


def read_report(root: Part) -> list[Told]:
    """The fate of every recipient that a report names, each once, in its order."""
    found: dict[str, Told] = {}
    for part in root.walk():
        if not KIND.match(part.kind):
            continue
        data = part.data()
        position = groups = 0
        while position < len(data) and (groups := groups + 1) <= MAX_GROUPS:
            fields, after, _defects = read_headers(data, position, len(data))
            position = max(after, position + 1)
            if told := _told(fields):
                found.setdefault(told.address.lower(), told)
    return list(found.values())


def envelope_id(root: Part) -> str:
    """The name that the sender gave to the envelope (ENVID), from the fields about the whole message (RFC 3464 §2.2.1)."""
    for part in root.walk():
        if KIND.match(part.kind):
            data = part.data()
            fields, _after, _defects = read_headers(data, 0, len(data))
            return fields.first("original-envelope-id").strip()[:MAX_ENVELOPE_ID]
    return ""


def _told(fields: Headers) -> Told | None:
    """One recipient's group of fields; without an action, the class of the status decides."""
    action = fields.first("action").lower().partition(";")[0].strip()
    status = STATUS.search(fields.first("status"))
    code = status[0] if status else ""
    named = "failed" if action.startswith("error") else next((name for name in ACTIONS if action.startswith(name[:4])), "")
    named = named or ("" if action else {"5": "failed", "4": "delayed", "2": "delivered"}.get(code[:1], ""))
    address = _first_address(fields)
    if not address or not named:
        return None
    return Told(address, named, code or status_in(fields.first("diagnostic-code"), named))


def _first_address(fields: Headers) -> str:
    """The address that we wrote to; the final one, after aliases, only when the original is not told."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = fields.first(name)
        address = clean_address(value.rpartition(";")[2].partition("(")[0])
        if "@" in address and ".." not in address:
            return address
    return ""


def status_in(text: str, action: str = "failed") -> str:
    """The first status code in a server's words, made from its reply code, or the general one of the action."""
    if match := STATUS.search(text):
        return match[0]
    reply = REPLY_CODE.search(text + " ")
    return f"{reply[1]}.0.0" if reply else {"failed": "5.0.0", "delayed": "4.0.0"}.get(action, "2.0.0")
