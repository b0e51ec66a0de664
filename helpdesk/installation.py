"""One running installation: the order in which its parts start and what each is told."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time

from helpdesk.config import ROOT, Settings, StartError
from helpdesk.embedded import DataLock, kept_elsewhere, last_words, owner_of, set_aside, start_servers
from helpdesk.listening import answer_of, listen_on
from helpdesk.processes import Process, launch
from helpdesk.supervisor import Child, Supervisor

PREPARE_SECONDS = 3600.0  # a migration of a large database
READY_SECONDS = 120.0
PATIENCE = 20.0  # for the workers, once the web answers
HOPELESS = 3  # deaths of the web process before its first answer
AFTER_CRASH_SECONDS = 20.0  # a killed predecessor's children need as long to give up the port
MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}  # glibc returns what is free
GUNICORN = (
    *("-m", "gunicorn", "wsgi:app", "--worker-class", "gevent", "--workers", "1", "--no-control-socket"),
    *("--graceful-timeout", "3", "--timeout", "60", "--keep-alive", "75", "--log-level", "warning"),
    *("--worker-connections", "5000"),
)


class Installation:
    """Embedded servers, web and workers under one supervisor."""

    def __init__(self, settings: Settings, demo: bool) -> None:
        """Take the settings; nothing is started yet."""
        self.settings = settings
        self.demo = demo
        self.supervisor = Supervisor()
        self.output = settings.data / "output.log"  # what children print beside their logs

    def run(self) -> None:
        """Start, say so, keep running until asked to stop, and leave nothing behind. Raises StartError."""
        self.supervisor.take_signals()
        lock = self._take_folder()
        try:
            patience = AFTER_CRASH_SECONDS if lock.after_crash else 0.0
            with listen_on(self.settings.host, self.settings.port, patience) as listening:
                self._start(listening)
                self.supervisor.run()
        finally:
            self.supervisor.stop()
            lock.release()

    def _start(self, listening: socket.socket) -> None:
        print(kept_elsewhere(self.settings), end="", flush=True)
        settings = start_servers(self.settings, self.supervisor)
        set_aside(self.output)
        environ = self._environ(settings)
        notes = self._prepare(environ)
        self._add("the web process", [*GUNICORN, "--bind", f"fd://{listening.fileno()}"], environ, listening.fileno())
        self._add("the workers", ["worker.py", "all"], environ)
        self._wait_until_ready()
        if not self.supervisor.stopping:
            print(f"Temas is ready on {self.settings.local_url}\n{notes}", end="", flush=True)

    def _take_folder(self) -> DataLock:
        data = self.settings.data
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = DataLock.take(data, "run")
        except OSError as error:
            raise StartError(f"The data folder {data} cannot be used ({error.strerror}).") from error
        if lock:
            return lock
        owner = owner_of(data)
        if owner and owner[0] == "run":
            raise StartError(f"Temas is already running on the data folder {data} (process {owner[1]}).")
        raise StartError(f"A bin/helpdesk command is using the data folder {data}; try again when it is done.")

    def _environ(self, settings: Settings) -> dict[str, str]:
        log = settings.log_file or settings.data / "temas.log"
        set_aside(log)
        given = {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "PUBLIC_URL": settings.public_url,
            "TEMAS_DATA": str(settings.data),
            "TEMAS_HOST": settings.host,
            "TEMAS_PORT": str(settings.port),
            "TEMAS_LOG_FILE": str(log),
        }
        return MEMORY | dict(os.environ) | given

    def _prepare(self, environ: dict[str, str]) -> str:
        """Bring the database up to date; return what the person at the console must know."""
        if self.supervisor.stopping:
            return ""
        command = [sys.executable, "-m", "helpdesk.prepare", *(["--demo"] if self.demo else [])]
        with tempfile.TemporaryFile() as notes:  # without a name, as it may hold the first password
            child = launch(command, environ=environ, output=notes, cwd=ROOT)
            if not self.supervisor.wait_for(lambda: child.poll() is not None, PREPARE_SECONDS):
                child.terminate()
                child.wait()
                return ""
            notes.seek(0)
            said = notes.read().decode(errors="replace")
        if child.returncode:
            raise StartError(said.strip() or f"The database could not be prepared; {environ['TEMAS_LOG_FILE']} tells why.")
        return said

    def _add(self, name: str, arguments: list[str], environ: dict[str, str], *keep: int) -> None:
        if not self.supervisor.stopping:
            self.supervisor.add(Child(name, lambda: self._launch(arguments, environ, keep), grace=30.0))

    def _launch(self, arguments: list[str], environ: dict[str, str], keep: tuple[int, ...]) -> Process:
        with self.output.open("ab") as output:
            return launch([sys.executable, *arguments], environ=environ, output=output, cwd=ROOT, keep=keep)

    def _wait_until_ready(self) -> None:
        """Wait until the web answers, and for a while longer until the workers have given a sign of life."""
        first_answer = 0.0

        def ready() -> bool:
            nonlocal first_answer
            answer = answer_of(self.settings.host, self.settings.port)
            if answer and not first_answer:
                first_answer = time.monotonic()
            whole = '"status":"ok"' in answer
            return whole or bool(first_answer and time.monotonic() > first_answer + PATIENCE) or self._is_hopeless()

        if self.supervisor.wait_for(ready, READY_SECONDS, tick=0.2) and not self._is_hopeless():
            return
        if not self.supervisor.stopping:
            raise StartError(f"Temas does not start; the end of {self.output} says: {last_words(self.output)}")

    def _is_hopeless(self) -> bool:
        return any(child.deaths >= HOPELESS for child in self.supervisor.children)
