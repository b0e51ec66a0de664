"""Small parts of SQL that keep batches fast: one parameter for many values, ids for many rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal, text
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.extensions import db


def one_of(column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """``column = any(array)``: the same statement however many values, which psycopg and PostgreSQL prepare once."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def next_ids(table: str, count: int) -> Iterator[int]:
    """Take so many ids of the table's sequence, rising."""
    return iter(db.session.scalars(_NEXT, {"table": table, "count": count}).all()) if count else iter(())


def number_new() -> None:
    """Give every new row of the session its id, so that the flush inserts many at once without asking for each id.

    Only for rows with all their values set: SQLAlchemy asks for what the database would fill in.
    """
    rows: dict[str, list[Any]] = {}
    for row in db.session.new:
        if getattr(row, "id", 0) is None:
            rows.setdefault(row.__tablename__, []).append(row)
    with db.session.no_autoflush:
        for table, unnumbered in rows.items():
            for row, number in zip(unnumbered, next_ids(table, len(unnumbered)), strict=True):
                row.id = number


_NEXT = text("select nextval(pg_get_serial_sequence(:table, 'id')) from generate_series(1, :count)")
