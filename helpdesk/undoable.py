"""What can be taken back exactly: fields with what they were and became, and rows that changed their owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, update

from helpdesk.extensions import Model, db

Changed = dict[str, list[Any]]
"""Field → [before, after], as JSON keeps them."""


def set_all(row: Model, wanted: Mapping[str, Any]) -> Changed:
    """Give the row these values; returns what changed."""
    changed = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in wanted.items()}
    for name, value in wanted.items():
        setattr(row, name, value)
    return {name: both for name, both in changed.items() if both[0] != both[1]}


def take_back(row: Model, changed: Changed) -> None:
    """Give the row what it had before, but for what somebody has changed since."""
    for name, (before, after) in changed.items():
        now = getattr(row, name)
        if _plain(now) == after:
            is_instant = row.__table__.c[name].type.python_type is datetime
            setattr(row, name, datetime.fromisoformat(before) if is_instant and before else before)


def owned_by(owner: str, *, but: frozenset[str] = frozenset()) -> Iterator[Column[Any]]:
    """Each column that names a row of the table ``owner``: found in the schema, so that a new table cannot be forgotten."""
    for table in db.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == owner and table.name not in but:
                yield key.parent


def hand_over(column: Column[Any], which: ColumnElement[bool], owner_id: int) -> list[int]:
    """Give rows to an owner; returns their ids. A row with a version gets a new one: it looks different now."""
    table = column.table
    values: dict[str, Any] = {column.name: owner_id}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    return sorted(db.session.scalars(update(table).where(which).values(values).returning(table.c.id)))


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
