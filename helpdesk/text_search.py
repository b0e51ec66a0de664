"""Word search over folded words (helpdesk.folding.words) in PostgreSQL: every word must begin some word of the text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.extensions import db
from helpdesk.folding import storable, words

MOST_WORDS = 10
COMMON = 10_000


def has_words(column: InstrumentedAttribute[str], asked: str) -> ColumnElement[bool]:
    """The criterion for rows whose text has all these words or words that begin so; it uses the column's index.

    What is joined to what follows, as in an address, is a whole word: only the end may be unfinished.
    """
    terms = [term for token in storable(asked, 300).split() for term in _terms(words(token).split())]
    query = " & ".join(terms[:MOST_WORDS])
    return func.to_tsvector("simple", column).op("@@")(func.to_tsquery("simple", query))


def is_common(column: InstrumentedAttribute[Any], criterion: ColumnElement[bool]) -> bool:
    """Whether so many rows meet the criterion that reading in order until enough are found beats sorting them all."""
    found = select(literal(1)).select_from(column.class_).where(criterion).limit(COMMON).subquery()
    return (db.session.scalar(select(func.count()).select_from(found)) or 0) >= COMMON


def _terms(parts: list[str]) -> list[str]:
    return [*(f"'{part}'" for part in parts[:-1]), *(f"'{part}':*" for part in parts[-1:])]
