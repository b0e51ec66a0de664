"""Where a link of a mail really goes, and what is odd about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
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

    @property
    def certain_host(self) -> str:
        """The host as it cannot be taken for another: in punycode where its letters deceive."""
        return lookalike.punycode(self.host) if {"twin", "scripts"} & set(self.oddities) else self.host


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
    oddities, twin = _of_host(host, frozenset(own))
    claimed = host_in(text)
    first: tuple[Oddity, ...] = ("elsewhere",) if claimed and _is_other(claimed, host) else ()
    last: tuple[Oddity, ...] = ("user",) if parts.username is not None else ()
    return Link(url, host, (*first, *oddities, *last), twin)


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


def _is_other(claimed: str, host: str) -> bool:
    return lookalike.registered(claimed) != lookalike.registered(host)


@lru_cache(4096)
def _of_host(host: str, own: frozenset[str]) -> tuple[tuple[Oddity, ...], str]:
    """What is odd about a (readable) host by itself, and what it is taken for; mails repeat theirs many times."""
    imitated, twin = lookalike.imitated(host, own), lookalike.plain_twin(host)
    found: dict[Oddity, bool] = {
        "imitates": bool(imitated),
        "scripts": lookalike.mixes_scripts(host),
        "twin": bool(twin),
        "number": lookalike.is_number(host),
    }
    return tuple(oddity for oddity, is_so in found.items() if is_so), imitated or twin
