"""Word search over folded words (helpdesk.folding.words) in PostgreSQL: every word must begin some word of the text."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.folding import storable, words

MOST_WORDS = 10


def has_words(column: InstrumentedAttribute[str], asked: str) -> ColumnElement[bool]:
    """The criterion for rows whose text has all these words or words that begin so; it uses the column's index."""
    query = " & ".join(f"'{word}':*" for word in words(storable(asked, 300)).split()[:MOST_WORDS])
    return func.to_tsvector("simple", column).op("@@")(func.to_tsquery("simple", query))
