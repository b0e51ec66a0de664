"""What every test may use: real PostgreSQL and Redis, one application, and a small cast of people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import text

from helpdesk import create_app, embedded
from helpdesk.config import Settings
from helpdesk.extensions import db
from helpdesk.migrating import bring_up_to_date
from tests.cast import Cast
from tests.system_data import scratch_system_data

pytest_plugins = ["tests.rigs.fixtures", "tests.rigs.reruns"]

KEPT = {"alembic_version", "sla_targets", "surveys"}
"""Tables that the migrations fill."""


class Visitor(FlaskClient):
    """A client whose requests do not inherit what an earlier one left in the test's own application context."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        for name in list(g) if has_app_context() else ():
            g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def server_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings whose PostgreSQL and Redis are running, for this test process alone."""
    environment = {
        "TEMAS_DATA": str(tmp_path_factory.mktemp("temas")),
        "SECRET_KEY": "a secret that only the tests know",
        "TEMAS_UNDO_SECONDS": "10",
        "PUBLIC_URL": "http://temas.test",
    }
    with scratch_system_data(environment), embedded.servers(Settings.load(environment)) as settings:
        _spare_the_disk(settings)
        yield settings


def _spare_the_disk(settings: Settings) -> None:
    """No test takes the machine's power away, so this database need not wait for its disk; those of tests/doors do."""
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as line:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            line.execute(f"alter system set {setting} = off")
        line.execute("select pg_reload_conf()")


@pytest.fixture(scope="session", autouse=True)
def remembered_hashes() -> Iterator[None]:
    """Hash each password once in a run: hashing is made to cost, and the cast has the same four in every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHasher, "hash", cache(PasswordHasher.hash))
        yield


@pytest.fixture(scope="session")
def migrated_app(server_settings: Settings) -> Flask:
    """The application on a migrated database."""
    app = create_app(server_settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Visitor
    with app.app_context():
        bring_up_to_date(app)
    app.teardown_request(_forget_who_asked)
    return app


def _forget_who_asked(_error: BaseException | None) -> None:
    """Let every request of a test find its own agent: the test's own context outlives it."""
    g.pop("_login_user", None)


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application within its context, on an empty database and an empty Redis."""
    with migrated_app.app_context():
        yield migrated_app
        db.session.remove()
        _empty_the_tables()
        db.session.remove()
    migrated_app.extensions["redis"].flushall()


def _empty_the_tables() -> None:
    """Do what ``truncate … restart identity`` does: it makes all files of all tables anew, which takes ten times longer.

    The locks wait for whoever is still writing, so that nothing of one test is left for the next.
    """
    tables = [table.name for table in db.metadata.sorted_tables if table.name not in KEPT]
    with_ids = [table for table in tables if "id" in db.metadata.tables[table].c]
    numbered = ", ".join(f"pg_get_serial_sequence('{table}', 'id')" for table in with_ids)
    statements = (
        f"lock table {', '.join(tables)} in access exclusive mode",
        "set local session_replication_role = replica",  # no foreign keys: all of them go
        *(f"delete from {table}" for table in tables),
        f"select setval(seqrelid, seqstart, false) from pg_sequence where seqrelid = any (array[{numbered}]::regclass[])",
    )
    db.session.execute(text("; ".join(statements)))
    db.session.commit()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Ayşe, Burak, Elif and the outsider, with an email inbox."""
    return Cast.gather()
