"""Text brought into one form for search: lower case in Turkish and English alike, without accents."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_TURKISH = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def fold(text: str) -> str:
    """Fold case and accents, so that ISIK, ışık, Işık and isik are one word."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_TURKISH).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> str:
    """The folded words of the text without what stands between them, so that parts of an address are words too."""
    return " ".join(_WORD.findall(fold(text)))


def storable(text: str, most: int | None = None) -> str:
    """The text as PostgreSQL can hold it: without NUL and lone surrogates, cut to ``most`` characters."""
    cut = text if most is None else text[:most]
    return cut.replace("\0", "").encode("utf-8", "replace").decode()


def one_line(text: str, most: int) -> str:
    """The text on one line, cut to ``most`` characters."""
    return " ".join(storable(text, most * 4).split())[:most]
