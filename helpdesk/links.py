"""Where a link of a mail really goes, and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from helpdesk import lookalike

Oddity = Literal["elsewhere", "imitates", "twin", "scripts", "number", "user"]
"""Its text names another host; it pretends to be one of ours; its letters look like others; two alphabets in one
word; an IP address instead of a name; something before an @ that reads like a host."""

SCHEME = re.compile(r"\s*(https?):[/\\]*", re.IGNORECASE)
_DROPPED = re.compile(r"[\t\r\n]|^[\x00-\x20]+|[\x00-\x20]+$")
_NAMED = re.compile(r"(?:(https?)://|(www\.))?((?:[\w-]+\.)+[^\W\d_]{2,24})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_FILE = re.compile(r".*\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|png|jpe?g|gif|zip|rar|html?|php|js|py|exe|mp[34]|ics|eml)", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """``url`` as a browser would understand it; ``host`` as people read it ("" when it is no web address)."""

    url: str
    host: str = ""
    oddities: tuple[Oddity, ...] = ()
    twin: str = ""  # what the host is taken for


def look(href: str, text: str, own: Collection[str] = ()) -> Link:
    """Look at one link with the text that stands on it. ``own`` are domains of ours, which others may imitate."""
    url = as_browsers_read(href)
    if not SCHEME.match(url):
        return Link(url)
    try:
        parts = urlsplit(url)
        host = lookalike.readable(parts.hostname or "")
    except ValueError:  # an unclosed bracket
        return Link(url, url, ("number",))
    twin = lookalike.imitated(host, own) or lookalike.plain_twin(host)
    return Link(url, host, tuple(_oddities(host, text, own, parts.username is not None)), twin)


def as_browsers_read(href: str) -> str:
    """The address after what browsers do first: drop line ends, take backslashes for slashes (WHATWG URL, 4.4)."""
    url = _DROPPED.sub("", href)
    if not (scheme := SCHEME.match(url)):
        return url
    rest = url[scheme.end() :]
    end = next((at for at, letter in enumerate(rest) if letter in "?#"), len(rest))
    return f"{scheme[1].lower()}://{rest[:end].replace(chr(92), '/')}{rest[end:]}"


def host_in(text: str) -> str:
    """The host that a link's text claims, readable; "" when it claims none."""
    found = _NAMED.fullmatch(" ".join(text.split()).strip("<>()[].,;: "))
    if found is None or (not (found[1] or found[2]) and _FILE.fullmatch(found[3])):
        return ""
    return lookalike.readable((found[2] or "") + found[3])


def _oddities(host: str, text: str, own: Collection[str], has_user: bool) -> list[Oddity]:
    claimed = host_in(text)
    found: dict[Oddity, bool] = {
        "elsewhere": bool(claimed) and lookalike.registered(claimed) != lookalike.registered(host),
        "imitates": bool(lookalike.imitated(host, own)),
        "scripts": lookalike.mixes_scripts(host),
        "twin": bool(lookalike.plain_twin(host)),
        "number": lookalike.is_number(host),
        "user": has_user,
    }
    return [oddity for oddity, is_so in found.items() if is_so]
