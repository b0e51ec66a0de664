"""Opaque cursors of long lists: where one page ended, so that the next begins there whatever was added meanwhile."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from helpdesk.errors import Invalid

T = TypeVar("T")
LONGEST = 500
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list; ``next`` is the cursor of those after them, None at the end."""

    items: Sequence[T]
    next: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list: the value that it is sorted by, and the id that decides between equals."""

    at: datetime
    id: int


def cut(rows: Sequence[T], limit: int, order: str, place: Callable[[T], Place]) -> Page[T]:
    """The page of at most ``limit`` rows out of one more than that; ``order`` names the list's order."""
    if len(rows) <= limit:
        return Page(rows, None)
    last = place(rows[limit - 1])
    return Page(rows[:limit], _encode([order, last.at.isoformat(), last.id]))


def read(cursor: str | None, order: str) -> Place | None:
    """The place that a cursor of this order stands for, None without a cursor. Raises Invalid for any other text."""
    if cursor is None:
        return None
    try:
        made_for, at, row_id = _decode(cursor)
        place = Place(datetime.fromisoformat(at), row_id)
    except (ValueError, TypeError) as error:
        raise _unreadable() from error
    if made_for != order or place.at.tzinfo is None or type(row_id) is not int or not 0 <= row_id <= LARGEST_ID:
        raise _unreadable()
    return place


def _encode(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str) -> list[Any]:
    if len(cursor) > LONGEST:
        raise ValueError
    parts: list[Any] = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    return parts


def _unreadable() -> Invalid:
    sentence = _("This cursor is not one that this list gave with this order; start without it.")
    return Invalid(sentence, errors={"cursor": [sentence]})
