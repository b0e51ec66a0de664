"""`backup` and `restore`: one file, all of it or nothing."""

from __future__ import annotations

import stat
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import backup, crypto
from helpdesk.environment import StartError
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.models import Ticket
from tests.cast import Cast


def everything() -> dict[str, list[Any]]:
    db.session.rollback()
    tables = db.metadata.sorted_tables
    return {t.name: db.session.execute(select(t).order_by(*t.primary_key.columns)).all() for t in tables}


def test_a_backup_brings_everything_back(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "temas.backup"
    cast.ticket("Kapak yok")
    before = everything()
    about = backup.write(file)
    assert about.size == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    cast.ticket("Later")
    backup.restore(file, force=True)
    assert everything() == before
    assert crypto.unseal(db.session.scalars(select(Inbox.secrets)).one())["imap_password"] == "pw"
    cast.inbox = db.session.scalars(select(Inbox)).one()
    cast.ticket("Goes on")
    assert db.session.scalars(select(Ticket.id).order_by(Ticket.id)).all() == [1001, 1002]


def test_a_restored_database_can_be_backed_up_and_restored_again(app: Flask, cast: Cast, tmp_path: Path) -> None:
    cast.ticket()
    before = everything()
    for name in ("first", "second"):
        backup.write(tmp_path / name)
        backup.restore(tmp_path / name, force=True)
    assert everything() == before


def test_a_database_that_holds_something_is_replaced_only_by_force(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "temas.backup"
    backup.write(file)
    with pytest.raises(StartError, match=r"not empty .*agents.* --force"):
        backup.restore(file, force=False)


def test_an_empty_database_takes_a_backup(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "temas.backup"
    before = everything()
    backup.write(file)
    db.session.remove()
    names = ", ".join(t.name for t in db.metadata.sorted_tables if t.name not in backup.FILLED_BY_MIGRATIONS)
    db.session.execute(db.text(f"truncate {names} restart identity cascade"))
    db.session.commit()
    backup.restore(file, force=False)
    assert everything() == before


def test_a_database_in_use_is_left_alone(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "temas.backup"
    backup.write(file)
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url), pytest.raises(StartError, match="stop Temas first"):
        backup.restore(file, force=True)


def test_a_damaged_backup_changes_nothing(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "temas.backup"
    cast.ticket()
    backup.write(file)
    before = everything()
    whole = file.read_bytes()
    for damaged in (b"", b"nonsense", whole[:600], whole[: len(whole) // 2]):
        file.write_bytes(damaged)
        with pytest.raises(StartError):
            backup.restore(file, force=True)
        assert everything() == before
    file.write_bytes(whole)
    with pytest.raises(StartError, match="newer Temas"):
        backup.restore(file, force=True, knows=lambda revision: False)
    with pytest.raises(StartError, match="cannot be read"):
        backup.restore(tmp_path / "nowhere", force=True)


def test_a_folder_that_cannot_be_written_is_said_and_an_old_backup_kept(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be written"):
        backup.write(tmp_path / "nowhere" / "temas.backup")


def test_the_secret_key_comes_along(app: Flask, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "temas.backup"
    backup.write(file)
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["about.json", "secret_key", "database.dump"]
    mine = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(mine, secret_key="another installation's", data=tmp_path))
    (tmp_path / "secret_key").write_text("another installation's")
    backup.restore(file, force=True)
    assert (tmp_path / "secret_key").read_text() == mine.secret_key
    assert (tmp_path / "secret_key.before").read_text() == "another installation's"
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "a key that the environment gives")
    with pytest.raises(StartError, match="another SECRET_KEY"):
        backup.restore(file, force=True)
