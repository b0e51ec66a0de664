"""PostgreSQL's own programs, pointed at our database: those that fit the server's version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from sqlalchemy import URL, text

from helpdesk.embedded.binaries import wheel_programs
from helpdesk.environment import StartError
from helpdesk.extensions import db

DEBIAN = Path("/usr/lib/postgresql")


def run(name: str, *arguments: str) -> None:
    """Run a program on our database. Raises StartError with its last words."""
    _call([str(find(name)), *arguments, *([] if name == "pg_restore" else [f"--dbname={_address()}"])], None)


def append(target: Path, name: str, *arguments: str) -> None:
    """Add what a program prints to a file. Raises StartError with its last words."""
    with target.open("ab") as file:
        _call([str(find(name)), *arguments], file.fileno())


def find(name: str) -> Path:
    """The program of the server's major version, else the oldest that is newer. Raises StartError."""
    server = int(db.session.scalar(text("show server_version_num")) or 0) // 10_000
    db.session.rollback()
    fitting = sorted((_major(path), path) for path in _candidates(name) if _major(path) >= server)
    if not fitting:
        raise StartError(f"There is no {name} of PostgreSQL {server} here; install it (Debian: postgresql-client-{server}).")
    return fitting[0][1]


def _candidates(name: str) -> list[Path]:
    folders = [path / "bin" for path in DEBIAN.glob("*")]
    on_path = shutil.which(name)
    found = [folder / name for folder in folders] + ([Path(on_path)] if on_path else [])
    try:
        found.append(wheel_programs() / name)
    except StartError:
        return [path for path in found if path.exists()]  # no such wheel for this machine: the system's programs remain
    return [path for path in found if path.exists()]


@cache
def _major(path: Path) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(version.group(1)) if version else 0


def _address() -> str:
    """The database's address for libpq; its password goes by the environment, where no list of processes shows it."""
    url = db.engine.url
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query).render_as_string()


def _call(command: list[str], output: int | None) -> None:
    password = db.engine.url.password
    environ = os.environ | ({"PGPASSWORD": str(password)} if password else {}) | {"PGAPPNAME": "temas command"}
    done = subprocess.run(command, env=environ, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        words = " ".join(done.stderr.strip().splitlines()[-3:])
        raise StartError(f"{Path(command[0]).name} failed: {words or f'exit code {done.returncode}'}")
