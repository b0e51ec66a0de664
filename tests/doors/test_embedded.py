"""The embedded servers: durable, private, and fit to live with what a killed predecessor left."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from helpdesk.config import Settings, StartError
from helpdesk.embedded import servers
from helpdesk.embedded.leftovers import stop_leftover
from helpdesk.embedded.places import Places
from helpdesk.embedded.postgres import Postgres
from helpdesk.embedded.redis import Redis
from helpdesk.processes import become
from tests.rigs.wait import PATIENCE, until
from tests.system_data import scratch_system_data


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh installation."""
    environ = {"TEMAS_DATA": str(tmp_path / "data")}
    with scratch_system_data(environ):
        yield Settings.load(environ)


def ask(settings: Settings, query: str) -> object:
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as line:
        answer = line.execute(query.encode())
        row = answer.fetchone() if answer.description else None
    return row[0] if row else None


def test_what_was_written_is_there_at_the_next_start_and_nothing_runs_between(settings: Settings) -> None:
    with servers(settings) as first:
        ask(first, "create table kept as select 'ığüşöç İ' as words")
        assert redis.Redis.from_url(first.redis_url).ping()
        pid = int((Places.of(settings.data, settings.system_data).cluster / "postmaster.pid").read_text().split()[0])
    assert not psutil.pid_exists(pid)
    with servers(settings) as second:
        assert ask(second, "select words from kept") == "ığüşöç İ"


def test_postgres_is_durable_utf8_and_asks_for_the_password(settings: Settings) -> None:
    with servers(settings) as named:
        for name, wanted in (("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")):
            assert ask(named, f"show {name}") == wanted
        assert ask(named, "show server_encoding") == "UTF8"
        assert ask(named, "select lower('ÇĞ') || to_tsvector('turkish', 'kitaplar')::text") == "çğ'kitap':1"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://temas:wrong@/temas?host={named.database_url.rpartition('=')[2]}")


def test_existing_folders_keep_their_permissions(settings: Settings) -> None:
    watched = [settings.data.parent, *settings.data.parent.parents]
    before = [stat.S_IMODE(path.stat().st_mode) for path in watched]
    with servers(settings):
        pass
    assert [stat.S_IMODE(path.stat().st_mode) for path in watched] == before


def test_servers_of_a_killed_predecessor_are_stopped(settings: Settings) -> None:
    with servers(settings):
        pass
    places = Places.of(settings.data, settings.system_data)
    left = [_detached(Postgres(places)), _detached(Redis(places))]
    with servers(settings) as named:
        assert ask(named, "select 1") == 1
        assert [process.wait(PATIENCE) for process in left] == [0, 0]


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
        assert not stop_leftover(tmp_path / "postmaster.pid", tmp_path, ("postgres",), signal.SIGINT)
        assert stranger.poll() is None
        stranger.kill()


def test_a_folder_too_deep_for_a_socket_works_all_the_same(settings: Settings) -> None:
    deep = settings.data.joinpath(*["a rather long name"] * 6)
    with scratch_system_data({"TEMAS_DATA": str(deep)}), servers(replace(settings, data=deep)) as named:
        assert ask(named, "select 1") == 1
        assert redis.Redis.from_url(named.redis_url).ping()
    Places.of(deep, settings.system_data).redis_sockets.rmdir()


def test_commands_at_once_take_turns(settings: Settings) -> None:
    answers: list[object] = []

    def command() -> None:
        code = "import sys; from helpdesk.config import Settings; from helpdesk.embedded import servers\n"
        code += "with servers(Settings.load()) as s: print(bool(s.database_url))"
        environ = {**os.environ, "TEMAS_DATA": str(settings.data), "TEMAS_SYSTEM_DATA": str(settings.system_data)}
        done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
        answers.append(done.stdout.strip() or done.stderr)

    threads = [threading.Thread(target=command) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["True"] * 3


def test_data_of_another_postgres_is_a_sentence(settings: Settings) -> None:
    with servers(settings):
        pass
    version = Places.of(settings.data, settings.system_data).cluster / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(StartError, match="made by PostgreSQL 15, but this is 18"), servers(settings):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_a_system_folder_that_the_account_cannot_enter_is_a_sentence(settings: Settings) -> None:
    with tempfile.TemporaryDirectory() as private:  # mode 0700
        closed = replace(settings, system_data=Path(private) / "in" / "here")
        with pytest.raises(StartError, match=f"cannot enter {private}"), servers(closed):
            pass
        assert stat.S_IMODE(Path(private).stat().st_mode) == 0o700


def _detached(server: Postgres | Redis) -> subprocess.Popen[bytes]:
    """Start the server as if its supervisor had been killed where nothing tells children so."""
    account = server.places.account if isinstance(server, Postgres) else None
    process = subprocess.Popen(server.command(), start_new_session=True, cwd="/", **become(account))
    until(lambda: server.answers(process))
    return process
