"""`bin/run` with a PostgreSQL and a Redis of Debian's packages: the same code, and nothing embedded is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpdesk.account import Account
from helpdesk.processes import become
from tests.doors.running import Run
from tests.rigs.fixtures import need
from tests.rigs.ports import free_ports
from tests.rigs.process import answers
from tests.rigs.wait import until

DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def debian_postgres() -> Iterator[str]:
    """Run PostgreSQL of Debian's package on a free port, without a password."""
    programs = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    need("" if programs else "PostgreSQL of Debian's packages is not installed")
    account = Account.for_servers() if os.geteuid() == 0 else None
    folder, port = Path(tempfile.mkdtemp(prefix="temas-pg-")), free_ports(1)[0]
    if account:
        os.chown(folder, account.uid, account.gid)
    options: list[str | Path] = ["-U", "temas", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", folder / "data"]
    subprocess.run([programs[-1], *options], check=True, capture_output=True, cwd="/", **become(account))
    command: list[str | Path] = [programs[-1].with_name("postgres"), "-D", folder / "data", "-p", str(port), "-k", folder]
    server = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **become(account))
    try:
        state = folder / "data" / "postmaster.pid"
        until(lambda: state.exists() and "ready" in state.read_text())
        yield f"postgres://temas@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(2)
        server.wait()
        shutil.rmtree(folder)


@contextmanager
def debian_redis() -> Iterator[str]:
    """Run redis-server of Debian's package on a free port."""
    need("" if Path("/usr/bin/redis-server").exists() else "redis-server is not installed")
    port = free_ports(1)[0]
    server = subprocess.Popen(["/usr/bin/redis-server", "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port), what="redis-server")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def test_named_servers_are_used_and_none_is_started(tmp_path: Path) -> None:
    with debian_postgres() as database, debian_redis() as redis:
        run = Run(tmp_path / "data", free_ports(1)[0], DATABASE_URL=database, REDIS_URL=redis).ready()
        until(run.is_well)
        with pytest.raises(LookupError):
            run.member("bin/postgres")
        with pytest.raises(LookupError):
            run.member("redis-server")
        assert run.end() == 0
        assert run.leaves_nothing()
    assert not (tmp_path / "data" / "postgres").exists()
