"""Text brought into one form for search: lower case in Turkish and English alike, without accents."""

from __future__ import annotations

import unicodedata

_TURKISH = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


def fold(text: str) -> str:
    """Fold case and accents, so that ISIK, ışık, Işık and isik are one word."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_TURKISH).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
