"""A `bin/run` under test: started for real on a free port and a folder of its own, and watched from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.rigs.process import running
from tests.rigs.wait import PATIENCE, until
from tests.system_data import SYSTEM_DATA, scratch_system_data

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """Return our environment without settings of Temas, plus `more`."""
    ours = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL")
    kept = {key: value for key, value in os.environ.items() if key not in ours and not key.startswith("TEMAS_")}
    return kept | {"PYTHONPATH": str(ROOT), "TEMAS_SYSTEM_DATA": str(SYSTEM_DATA)} | more


class Run:
    """One `bin/run`."""

    def __init__(self, data: Path, port: int, *arguments: str, **environ: str) -> None:
        self.data, self.port = data, port
        self.out = data.parent / f"out-{port}"
        command = [sys.executable, "-P", "-m", "helpdesk.serve", "--data", str(data), "--port", str(port), *arguments]
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(command, env=environment(**environ), stdout=out, stderr=subprocess.STDOUT)
        self.members: list[psutil.Process] = []

    @property
    def said(self) -> str:
        return self.out.read_text()

    def ready(self) -> Run:
        """Wait until it says so."""

        def look() -> bool:
            assert self.process.poll() is None, self.said
            return "Temas is ready on" in self.said

        until(look, what="bin/run to be ready")
        self.note_members()
        return self

    def note_members(self) -> list[psutil.Process]:
        """Return all processes below, and remember them."""
        with contextlib.suppress(psutil.NoSuchProcess):
            members = psutil.Process(self.process.pid).children(recursive=True)
            self.members = list({*self.members, *members})
        return self.members

    def member(self, sign: str) -> psutil.Process:
        """Return the direct child whose command line contains `sign`."""
        for process in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if sign in " ".join(process.cmdline()):
                    return process
        raise LookupError(sign)

    def pid_of(self, sign: str) -> int:
        """Return the pid of that process, 0 while there is none."""
        try:
            return int(self.member(sign).pid)
        except LookupError:
            return 0

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Fetch a page; 0 when nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def health(self) -> dict[str, Any]:
        status, body = self.get("/healthz")
        return json.loads(body) if status in (200, 503) else {}

    def is_well(self) -> bool:
        return self.health().get("status") == "ok"

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal to `bin/run` alone, and wait for it to end."""
        self.note_members()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def leaves_nothing(self) -> bool:
        """Wait until nothing runs of all that ever ran below. Fails when something goes on."""
        until(lambda: not any(map(running, self.members)), what=f"the end of all of {self.members}")
        return True


@contextmanager
def installation(folder: Path) -> Iterator[Path]:
    """Give a data folder in `folder`; what root's PostgreSQL keeps elsewhere for it is removed afterwards."""
    environ = {"TEMAS_DATA": str(folder / "data"), "SECRET_KEY": "only for finding the places"}
    with scratch_system_data(environ):
        yield folder / "data"


def try_run(*arguments: str, **environ: str) -> tuple[int, str]:
    """Run `bin/run`, which is expected to refuse; return exit code and what it said."""
    command = [sys.executable, "-P", "-m", "helpdesk.serve", *arguments]
    done = subprocess.run(command, env=environment(**environ), capture_output=True, text=True, timeout=PATIENCE)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr
