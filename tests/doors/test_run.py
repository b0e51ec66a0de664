"""`bin/run` from the first start to the last: it gets ready, heals, refuses a second one, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
import websocket

from tests.doors.running import Run, environment, installation, try_run
from tests.rigs.ports import free_ports
from tests.rigs.wait import PATIENCE, until

FORKS = 3  # receive; live, deliver, cron and the listener; and the web
SIGNS = ["bin/postgres", "redis-server", "gunicorn", "worker.py"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """One running installation for the tests of this file."""
    with installation(tmp_path_factory.mktemp("run")) as data:
        run = Run(data, free_ports(1)[0]).ready()
        yield run
        assert run.end() == 0
        assert run.leaves_nothing()


def test_a_new_user_is_told_where_and_how_to_sign_in(run: Run) -> None:
    lines = run.said.splitlines()
    assert f"Temas is ready on http://127.0.0.1:{run.port}" in lines
    assert re.search(r"Sign in as admin@localhost with the password \S{10,}", run.said)
    assert run.is_well()


def test_the_first_password_is_kept_nowhere(run: Run) -> None:
    password = re.search(r"with the password (\S+)", run.said)
    assert password
    for path in run.data.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # servers remove files while they are read
            assert not path.is_file() or password[1].encode() not in path.read_bytes()


def test_what_is_kept_is_private(run: Run) -> None:
    for name in ("secret_key", "postgres_password"):
        assert (run.data / name).stat().st_mode & 0o077 == 0
    assert (run.data / "run").stat().st_mode & 0o077 == 0


def test_a_browser_gets_a_real_websocket(run: Run) -> None:
    line = websocket.create_connection(f"ws://127.0.0.1:{run.port}/socket.io/?EIO=4&transport=websocket", timeout=PATIENCE)
    assert line.recv()[:1] == "0"  # engine.io: open
    line.send("40")
    assert line.recv()[:2] in ("40", "44")  # socket.io: connected, or refused without a session
    line.close()


def test_metrics_are_for_this_machine_only(run: Run) -> None:
    status, text = run.get("/metrics")
    assert status == 200
    assert 'temas_queue_jobs{queue="receive"}' in text
    assert 'temas_up{server="database"} 1.0' in text
    assert run.get("/metrics", **{"X-Forwarded-For": "203.0.113.9"})[0] == 403


def test_a_second_one_on_the_same_folder_is_refused(run: Run) -> None:
    code, said = try_run("--data", str(run.data), "--port", str(free_ports(1)[0]))
    assert code == 1
    assert f"already running on the data folder {run.data} (process {run.process.pid})" in said
    assert run.is_well()


def test_the_command_line_joins_the_running_installation(run: Run) -> None:
    def command(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-P", "-m", "helpdesk.cli", "--data", str(run.data), *arguments]
        return subprocess.run(line, env=environment(), input=typed, capture_output=True, text=True, timeout=PATIENCE)

    assert command("teams", "add", "Destek").returncode == 0
    options = ("--name", "Ayşe", "--role", "lead", "--team", "Destek", "--password-stdin")
    added = command("agents", "add", "ayse@example.com", *options, typed="long enough\n")
    assert added.stdout == "Added ayse@example.com (lead).\n"
    again = command("agents", "add", "AYSE@example.com", *options, typed="long enough\n")
    assert (again.returncode, "already an agent" in again.stderr) == (1, True)
    assert command("tokens", "add", "script", "--agent", "ayse@example.com").stdout.startswith("temas_")
    assert run.is_well()


def test_jobs_run_on_after_redis_was_emptied(run: Run) -> None:
    line = redis.Redis.from_url(f"unix://{run.data / 'run' / 'redis.sock'}")
    line.flushall()
    until(run.is_well)
    until(lambda: line.zscore("rq:cron_job_registry", "helpdesk.jobs.deliver_due") or line.keys("rq:cron*"))
    until(lambda: sum(line.llen(f"rq:queue:{name}") for name in ("receive", "deliver", "react")) == 0)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_killed_child_comes_back(run: Run, sign: str) -> None:
    killed = run.member(sign)
    killed.kill()
    until(lambda: run.pid_of(sign) not in (0, killed.pid) and run.is_well())


def test_killed_forks_come_back(run: Run) -> None:
    def forks() -> set[psutil.Process]:
        below: set[psutil.Process] = set()
        with contextlib.suppress(LookupError, psutil.NoSuchProcess):
            below = {*run.member("worker.py").children(), *run.member("gunicorn").children()}
        return below if len(below) == FORKS else set()

    killed = until(forks)
    for process in killed:
        with contextlib.suppress(psutil.NoSuchProcess):  # it has followed another one
            process.kill()
    until(lambda: forks() and not forks() & killed)
    until(run.is_well)


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_works(tmp_path: Path) -> None:
    with installation(tmp_path) as data:
        first = Run(data, free_ports(1)[0]).ready()
        first.end(signal.SIGKILL)
        second = Run(data, first.port).ready()  # at once, while the first one's children are still ending
        assert "password" not in second.said
        assert first.leaves_nothing()
        assert second.end(signal.SIGINT) == 0
        assert second.leaves_nothing()


def test_stopping_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    with installation(tmp_path) as data:
        run = Run(data, free_ports(1)[0])
        until(lambda: (data / "run" / "redis.sock").exists())
        assert run.end() == 0
        assert run.leaves_nothing()
        assert "Temas is ready" not in run.said


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with installation(tmp_path) as data, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = try_run("--data", str(data), "--port", str(port))
    assert (code, said) == (
        1,
        f"Port {port} is taken by another program; choose another one, such as bin/run --port {port + 1}.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "sentence"),
    [
        (["--data", "/proc/temas"], {}, "data folder /proc/temas cannot be used"),
        (["--data", "/dev/null/x"], {}, "data folder /dev/null/x cannot be used"),
        (["--port", "many"], {}, "TEMAS_PORT is 'many'"),
        (["--host", "192.0.2.1"], {}, "This machine has no address 192.0.2.1"),
        ([], {"DATABASE_URL": "mysql://db/x"}, "DATABASE_URL is not a URL that Temas can use"),
        ([], {"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, "The database cannot be used: "),
        ([], {"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis cannot be used: "),
    ],
)
def test_what_cannot_work_is_a_sentence(
    tmp_path: Path, arguments: list[str], environ: dict[str, str], sentence: str
) -> None:
    with installation(tmp_path) as data:
        port = [] if "--port" in arguments else ["--port", str(free_ports(1)[0])]
        code, said = try_run(*port, *(arguments if "--data" in arguments else [*arguments, "--data", str(data)]), **environ)
    assert code == 1
    assert sentence in said
    assert "hunter2" not in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    code, said = try_run("--data", str(tmp_path), "--port", str(free_ports(1)[0]))
    tmp_path.chmod(0o700)
    assert (code, "Permission denied" in said) == (1, True)
