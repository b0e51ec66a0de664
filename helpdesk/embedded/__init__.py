"""PostgreSQL and Redis for installations that name no servers of their own.

Whoever runs them holds the lock of the data folder: `bin/run`, or a command for as long as it lasts.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.account import make_account
from helpdesk.config import Settings
from helpdesk.embedded.lock import DataLock, owner_of
from helpdesk.embedded.places import Places
from helpdesk.embedded.postgres import Postgres
from helpdesk.embedded.redis import Redis
from helpdesk.environment import StartError
from helpdesk.secret import EmptySecretError
from helpdesk.supervisor import Child, Supervisor

__all__ = ["DataLock", "kept_elsewhere", "last_words", "owner_of", "servers", "set_aside", "start_servers"]

START_SECONDS = 300.0  # PostgreSQL may have to recover after a crash
HOPELESS = 6  # deaths in a row before the first answer
LOG_LIMIT = 5_000_000  # bytes; a longer log is set aside at the next start


def start_servers(settings: Settings, supervisor: Supervisor) -> Settings:
    """Start the servers that the settings do not name, and return settings that name them. Raises StartError.

    The caller holds the data folder's lock.
    """
    wanted = _wanted(settings)
    if not wanted:
        return settings
    places = _places(settings)
    try:
        places.prepare()
        for kind in wanted:
            _start(kind(places), supervisor)
        return _named(settings, places)
    except OSError as error:
        raise StartError(f"{error.filename or settings.data} cannot be used ({error.strerror}).") from error
    except EmptySecretError as error:
        raise StartError(f"{places.password_file} is empty; restore it from a backup.") from error


def kept_elsewhere(settings: Settings) -> str:
    """Return a line for root, whose PostgreSQL keeps its data outside the data folder; else nothing."""
    places = _places(settings)
    if settings.database_url or not places.system or not places.account:
        return ""
    return f"PostgreSQL refuses to run as root: it runs as {places.account.name}, with its data in {places.system}.\n"


@contextmanager
def servers(settings: Settings, patience: float = 60.0) -> Iterator[Settings]:
    """Give settings that name running servers: those of `bin/run` if it runs here, else our own while this lasts.

    Waits up to `patience` seconds for another command that has them. Raises StartError.
    """
    if not _wanted(settings):
        yield settings
        return
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock_or_running(settings, patience)
    if lock is None:
        yield _named(settings, _places(settings))
        return
    supervisor = Supervisor()
    try:
        yield start_servers(settings, supervisor)
    finally:
        supervisor.stop()
        lock.release()


def _lock_or_running(settings: Settings, patience: float) -> DataLock | None:
    """Return the lock once it is ours, or None once the servers of a `bin/run` answer."""
    end = time.monotonic() + patience
    while True:
        lock = DataLock.take(settings.data, "command")
        if lock:
            return lock
        owner = owner_of(settings.data)
        if owner and owner[0] == "run" and _all_answer(settings):
            return None
        if time.monotonic() > end:
            raise StartError(f"The data folder {settings.data} is in use by another command; try again when it is done.")
        time.sleep(0.05)  # another process's progress has no event for us


def _all_answer(settings: Settings) -> bool:
    places = _places(settings)
    return all(kind(places).answers(None) for kind in _wanted(settings))


def _wanted(settings: Settings) -> list[type[Postgres] | type[Redis]]:
    wanted: list[type[Postgres] | type[Redis]] = []
    if not settings.database_url:
        wanted.append(Postgres)
    if not settings.redis_url:
        wanted.append(Redis)
    return wanted


def _places(settings: Settings) -> Places:
    places = Places.of(settings.data, settings.system_data)
    if places.system and not places.cluster.exists() and make_account():
        return Places.of(settings.data, settings.system_data)
    return places


def _named(settings: Settings, places: Places) -> Settings:
    return settings.with_servers(settings.database_url or Postgres(places).url, settings.redis_url or Redis(places).url)


def _start(server: Postgres | Redis, supervisor: Supervisor) -> None:
    server.prepare()
    set_aside(server.log)
    child = supervisor.add(Child(server.name, server.launch, server.stop_signal, grace=60.0, stage=0))
    supervisor.wait_for(lambda: child.deaths >= HOPELESS or server.answers(child.process), START_SECONDS)
    if not server.answers(child.process) and not supervisor.stopping:
        raise StartError(f"{server.name} does not start; the end of {server.log} says: {last_words(server.log)}")


def last_words(log: Path) -> str:
    """Return the last two lines of a log in one line."""
    return " / ".join(log.read_text(errors="replace").strip().splitlines()[-2:])


def set_aside(log: Path) -> None:
    """Rename a log that has grown too long, so that a new one begins."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
