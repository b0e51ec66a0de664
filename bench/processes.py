"""The real processes of an installation, started for a benchmark: the web under gunicorn, the workers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from bench.house import EMAIL, PASSWORD, House
from tests.rigs.ports import free_ports
from tests.rigs.process import answers
from tests.rigs.wait import until

ROOT = Path(__file__).resolve().parent.parent
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextmanager
def web(place: House) -> Iterator[str]:
    """The web process as ``bin/run`` starts it; gives its address."""
    from helpdesk.installation import GUNICORN

    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, *GUNICORN, "--bind", f"127.0.0.1:{port}"]
    with _running(command, place.environ | {"PUBLIC_URL": address}) as process:
        until(lambda: process.poll() is not None or answers(port), seconds=60, what="the web process answering")
        yield address


@contextmanager
def workers(place: House, kind: str = "all") -> Iterator[None]:
    """The workers as ``bin/run`` starts them, once they have given a sign of life."""
    redis = place.app.extensions["redis"]
    with _running([sys.executable, "worker.py", kind], place.environ) as process:
        until(
            lambda: process.poll() is not None or len(list(redis.scan_iter("temas:heartbeat:*"))) >= 3,
            seconds=60,
            what="the workers' signs of life",
        )
        yield


def signed_in(address: str) -> requests.Session:
    """A session of the benchmark's agent."""
    session = requests.Session()
    token = _CSRF.search(session.get(f"{address}/login").text)
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    answer = session.post(f"{address}/login", form, headers={"Referer": f"{address}/login"}, allow_redirects=False)
    if answer.status_code != 303:
        raise RuntimeError(f"Signing in was answered with {answer.status_code}.")
    return session


def cookies(session: requests.Session) -> str:
    """The session's Cookie header."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)


@contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
