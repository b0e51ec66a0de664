"""Reading forms that people filled in: never trusting that a field has what its control offered."""

from __future__ import annotations

from collections.abc import Iterable


def numbers(texts: Iterable[str]) -> list[int]:
    """The positive whole numbers among the texts; anything else is left out."""
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
