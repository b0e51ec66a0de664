"""Every row of the database, to compare what was with what is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from helpdesk.extensions import db

UNSTABLE = {"version", "updated_at"}
"""They say that something changed, so they go on."""


def everything(*, but: Collection[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row by table, but for agents, for the tables of ``but``, and for what says that a row changed."""
    db.session.rollback()
    tables = [table for table in db.metadata.sorted_tables if table.name not in {"agents", *but}]
    found = {table.name: select(table).order_by(*table.primary_key.columns) for table in tables}
    rows = {name: db.session.execute(statement).mappings() for name, statement in found.items()}
    return {name: [{k: v for k, v in row.items() if k not in UNSTABLE} for row in found] for name, found in rows.items()}
