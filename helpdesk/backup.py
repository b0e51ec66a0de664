"""A backup is one file: the database's dump and the secret key, without which stored passwords cannot be read.

A tar archive of ``about.json``, ``secret_key`` and ``database.dump`` (``pg_dump --format=custom``). Attachments and the
ledger are in the database; Redis holds nothing that may not be lost.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text

from helpdesk import clock, pg_programs, settings
from helpdesk.environment import StartError
from helpdesk.extensions import db
from helpdesk.secret import keep_secret
from helpdesk.version import VERSION

FORMAT = 1
ABOUT, KEY, DUMP = "about.json", "secret_key", "database.dump"
FILLED_BY_MIGRATIONS = {"alembic_version", "sla_targets", "surveys"}


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself."""

    version: str
    made_at: str
    revision: str
    size: int = 0


def write(target: Path) -> About:
    """Write a consistent backup of the running installation, readable by its owner only. Raises StartError.

    Work may go on meanwhile. An existing file is replaced once the new one is complete.
    """
    about = About(VERSION, clock.now().isoformat(), _revision())
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
            dump = Path(scratch) / DUMP
            pg_programs.run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            whole = Path(scratch) / "whole"
            _pack(whole, about, dump)
            whole.replace(target)
    except OSError as error:
        raise StartError(f"{error.filename or target} cannot be written ({error.strerror}).") from error
    return About(about.version, about.made_at, about.revision, target.stat().st_size)


def restore(source: Path, *, force: bool, knows: Callable[[str], bool] = lambda _revision: True) -> About:
    """Put the installation into the state of a backup: all of it or nothing. Raises StartError.

    Refuses a database that holds anything, unless forced, one that somebody else is using, and a backup whose tables
    are of a revision that this version does not know.
    """
    with _opened(source) as (about, key, dump):
        if not knows(about.revision):
            raise StartError(f"{source} was made by a newer Temas ({about.version}); restore it with that version.")
        _check_key(key)
        _check_free(force)
        script = dump.with_suffix(".sql")
        with script.open("wb") as file:
            file.write(b"set client_min_messages = warning;\ndrop schema public cascade;\ncreate schema public;\n")
        pg_programs.append(script, "pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump))
        db.session.remove()
        db.engine.dispose()
        strictly = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--single-transaction", "--set=ON_ERROR_STOP=1")
        pg_programs.run("psql", *strictly, f"--file={script}")
        _keep_key(key)
    return about


def _pack(whole: Path, about: About, dump: Path) -> None:
    with whole.open("wb") as file:
        whole.chmod(0o600)
        with tarfile.open(fileobj=file, mode="w") as archive:
            said = {"format": FORMAT, "version": about.version, "made_at": about.made_at, "revision": about.revision}
            _add(archive, ABOUT, json.dumps(said).encode())
            _add(archive, KEY, settings.current().secret_key.encode())
            archive.add(dump, DUMP)
        file.flush()
        os.fsync(file.fileno())


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


@contextmanager
def _opened(source: Path) -> Iterator[tuple[About, str, Path]]:
    try:
        with tarfile.open(source) as archive, tempfile.TemporaryDirectory(dir=settings.current().data) as scratch:
            said = json.loads(_content(archive, ABOUT).read())
            if said["format"] > FORMAT:
                raise StartError(f"{source} was made by a newer Temas ({said['version']}); restore it with that version.")
            dump = Path(scratch) / DUMP
            with dump.open("wb") as file:
                shutil.copyfileobj(_content(archive, DUMP), file)
            yield About(said["version"], said["made_at"], said["revision"]), _content(archive, KEY).read().decode(), dump
    except OSError as error:
        raise StartError(f"{error.filename or source} cannot be read ({error.strerror or error}).") from error
    except (tarfile.TarError, ValueError, KeyError) as error:
        raise StartError(f"{source} is not a backup of Temas, or it is damaged.") from error


def _content(archive: tarfile.TarFile, name: str) -> io.BufferedReader:
    found = archive.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found  # type: ignore[return-value]


def _check_key(key: str) -> None:
    """A key that the environment gives is not ours to replace."""
    if os.environ.get("SECRET_KEY", "").strip() and settings.current().secret_key != key:
        raise StartError(
            f"The backup was made with another SECRET_KEY; leave the variable out, or set it to the {KEY} in the backup "
            "(tar -xOf FILE secret_key)."
        )


def _check_free(force: bool) -> None:
    others = db.session.scalar(
        text(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend' and application_name <> current_setting('application_name')"
        )
    )
    if others:
        raise StartError(f"Something else is using the database ({others} connections); stop Temas first.")
    if not force and (found := _rows()):
        raise StartError(f"The database is not empty (it has {', '.join(found)}); --force replaces everything in it.")


def _rows() -> list[str]:
    """The tables that hold something, but for what migrations fill in."""
    tables = sorted(set(inspect(db.engine).get_table_names()) - FILLED_BY_MIGRATIONS)
    return [name for name in tables if db.session.scalar(text(f'select exists (select 1 from "{name}")'))]  # noqa: S608


def _keep_key(key: str) -> None:
    if settings.current().secret_key != key:
        keep_secret(settings.current().data / "secret_key", key)


def _revision() -> str:
    return str(db.session.scalar(text("select version_num from alembic_version")))
