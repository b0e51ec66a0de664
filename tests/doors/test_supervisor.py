"""The supervisor keeps children alive, stops them in order, and its children end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpdesk.processes import launch
from helpdesk.supervisor import LONGEST_DELAY, Child, Supervisor, describe
from tests.doors.running import ROOT
from tests.rigs.wait import PATIENCE, until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
FORKING = """
import os, sys, time
from helpdesk.processes import Fork
print(Fork(lambda: time.sleep(60)).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def child(code: str, **options: float) -> Child:
    return Child("the child", lambda: launch([sys.executable, "-c", code], environ=os.environ), **options)  # type: ignore[arg-type]


def pid(child: Child) -> int:
    return child.process.pid if child.process else 0


def test_a_dead_child_is_started_again(supervisor: Supervisor) -> None:
    sleeper = supervisor.add(child("import time; time.sleep(60)"))
    first = pid(sleeper)
    os.kill(first, signal.SIGKILL)
    assert supervisor.wait_for(lambda: pid(sleeper) not in (0, first), PATIENCE)


def test_a_child_that_always_dies_is_started_ever_more_slowly(supervisor: Supervisor) -> None:
    hopeless = supervisor.add(child("raise SystemExit(3)"))
    assert supervisor.wait_for(lambda: hopeless.deaths >= 3, PATIENCE)
    assert hopeless.due - time.monotonic() <= LONGEST_DELAY
    assert describe(3) == "exit code 3"


def test_a_child_that_does_not_stop_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as said:
        stubborn = Child("it", lambda: launch([sys.executable, "-c", STUBBORN], environ=os.environ, output=said), grace=0.2)
        supervisor.add(stubborn)
        assert supervisor.wait_for(lambda: (tmp_path / "said").read_text() != "", PATIENCE)
    process = stubborn.process
    supervisor.stop()
    assert process is not None
    assert process.poll() == -signal.SIGKILL


def test_what_others_need_is_stopped_last(supervisor: Supervisor) -> None:
    needed = supervisor.add(child("import time; time.sleep(60)", stage=0))
    user = supervisor.add(child("import time; time.sleep(60)"))
    seen: list[bool] = []
    send = needed.send
    needed.send = lambda number: (seen.append(user.alive), send(number))[1]  # type: ignore[method-assign, func-returns-value]
    supervisor.stop()
    assert seen == [False]


def test_a_fork_ends_with_its_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", FORKING], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    fork = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    until(lambda: not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE)
    parent.stdout.close()
