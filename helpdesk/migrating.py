"""Brings the tables up to date. Alembic is a dozen megabytes, so only what migrates imports this."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy import inspect, text

from helpdesk.config import ROOT, StartError
from helpdesk.extensions import db

MIGRATING = 7_367_273  # the advisory lock's key: only one process migrates


def install(app: Flask) -> Migrate:
    """Give the application Flask-Migrate, with its commands."""
    return Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)


def bring_up_to_date(app: Flask) -> None:
    """Migrate to the newest tables. Raises StartError when a newer Temas has already migrated this database.

    Needs an application context.
    """
    scripts = ScriptDirectory.from_config(install(app).get_config())
    with _only_one_migrates():
        found = _revision()
        if found == scripts.get_current_head():
            return
        if found is not None and not _known(scripts, found):
            raise StartError("The database belongs to a newer Temas; start that version, or restore an older backup.")
        upgrade()


def knows(app: Flask, revision: str) -> bool:
    """Whether this version has the migration that made a database's tables."""
    return _known(ScriptDirectory.from_config(install(app).get_config()), revision)


@contextmanager
def _only_one_migrates() -> Iterator[None]:
    with db.engine.connect() as line:
        line.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATING})
        line.commit()
        try:
            yield
        finally:
            line.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATING})


def _revision() -> str | None:
    if not inspect(db.engine).has_table("alembic_version"):
        return None
    with db.engine.connect() as line:
        revision: str | None = line.scalar(text("select version_num from alembic_version"))
    return revision


def _known(scripts: ScriptDirectory, revision: str) -> bool:
    try:
        return scripts.get_revision(revision) is not None
    except CommandError:
        return False
