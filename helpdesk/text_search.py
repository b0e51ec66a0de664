"""Word search over folded text (helpdesk.folding) in PostgreSQL: every word must begin some word of the text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.folding import fold, storable

MOST_WORDS = 10


def has_words(column: InstrumentedAttribute[str], words: str) -> ColumnElement[bool]:
    """The criterion for rows whose text has all these words or words that begin so; it uses the column's index."""
    query = " & ".join(_prefix(word) for word in fold(storable(words, 300)).split()[:MOST_WORDS])
    return func.to_tsvector("simple", column).op("@@")(func.to_tsquery("simple", query))


def _prefix(word: str) -> str:
    quoted = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}':*"
