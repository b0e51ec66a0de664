"""Addresses of our own that carry somebody else's, signed so that nobody but us can make one."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from helpdesk import clock, crypto, links

DAY = 86_400
_LINK, _PICTURE = "odd link", "remote picture"
KEY_LENGTH = 32


def href(url: str, text: str, own: Collection[str] = ()) -> tuple[str, links.Link]:
    """Where a click on this link goes: there, or first to the page that says what is odd about it."""
    link = links.look(url, text, own)
    return (warning(link, text) if link.oddities else link.url), link


def warning(link: links.Link, text: str) -> str:
    """The page that shows where an odd link leads. It never leads on by itself."""
    found = {"url": link.url, "text": " ".join(text.split())[:200]}
    return f"/links?{urlencode({**found, 'key': crypto.sign(_LINK, link.url, KEY_LENGTH)})}"


def is_link(url: str, key: str) -> bool:
    """Whether ``warning`` made this key for this address."""
    return crypto.is_signed(_LINK, url, key, KEY_LENGTH)


def picture(message_id: int, url: str) -> str:
    """The address of a message's remote picture. The same all day long, so that browsers keep the picture."""
    until = int(clock.now().timestamp() // DAY + 2) * DAY
    key = crypto.sign(_PICTURE, f"{message_id} {until} {url}", KEY_LENGTH)
    return f"/messages/{message_id}/picture?{urlencode({'url': url, 'until': until, 'key': key})}"


def is_picture(message_id: int, url: str, until: str, key: str) -> bool:
    """Whether ``picture`` made this key for this message, and it has not expired."""
    fresh = until.isascii() and until.isdigit() and len(until) < 15 and int(until) > clock.now().timestamp()
    return fresh and crypto.is_signed(_PICTURE, f"{message_id} {until} {url}", key, KEY_LENGTH)
