"""Keeps a handful of child processes alive, and stops them together."""

import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from helpdesk.processes import Process

log = logging.getLogger("temas.supervisor")

FIRST_DELAY, LONGEST_DELAY = 0.1, 15.0  # seconds before a dead child is started again
STEADY = 20.0  # a child that lived so many seconds was well; its next death is a new matter
TICK = 0.05  # seconds between looks at a condition that has no event


@dataclass
class Child:
    """One process that ought to run, and how to start and stop it."""

    name: str
    start: Callable[[], Process]
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0  # seconds to stop in, before SIGKILL
    stage: int = 1  # what others need, such as a database, has a lower stage and is stopped later
    process: Process | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)  # in a row
    started: float = field(default=0.0, init=False)
    due: float = field(default=0.0, init=False)  # when to start it again

    def begin(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.process = self.start()

    def send(self, number: int) -> None:
        """Send a signal; nothing happens when the process is dead."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Runs children in one thread. One per process, as there is one SIGCHLD per process."""

    def __init__(self) -> None:
        """Begin with no children, and with the process's signals as they are."""
        self.children: list[Child] = []
        self.stopping = False
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)

    def take_signals(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP ask us to stop, and a child's death wakes us at once."""
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # only to wake us
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays in force
                signal.signal(number, self._ask_to_stop)

    def add(self, child: Child) -> Child:
        """Start a child and keep it running from now on."""
        child.begin()
        self.children.append(child)
        return child

    def run(self) -> None:
        """Keep the children running until asked to stop."""
        while not self.stopping:
            self._revive()
            self._sleep(self._until_next())

    def wait_for(self, condition: Callable[[], bool], seconds: float, tick: float = TICK) -> bool:
        """Keep the children running until `condition` holds, looking every `tick` seconds.

        Returns False when time is up or we were asked to stop first.
        """
        end = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < end:
            if condition():
                return True
            self._revive()
            self._sleep(tick)
        return False

    def stop(self) -> None:
        """Stop the children, stage by stage, and wait until they are gone."""
        self.stopping = True
        for stage in sorted({child.stage for child in self.children}, reverse=True):
            self._stop_all([child for child in self.children if child.stage == stage])
        self.children.clear()

    def _stop_all(self, children: list[Child]) -> None:
        for child in children:
            child.send(child.stop_signal)
        for child in children:
            if not self._gone(child, child.grace):
                log.warning("%s does not stop within %g seconds, so it is killed", child.name, child.grace)
                child.send(signal.SIGKILL)
                self._gone(child, child.grace)

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, now)
            if child.process is None and now >= child.due:
                child.begin()

    def _bury(self, child: Child, now: float) -> None:
        code = child.process.poll() if child.process else None
        child.deaths = 1 if now - child.started > STEADY else child.deaths + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(child.deaths - 1, 20))
        child.process, child.due = None, now + delay
        log.warning("%s ended (%s); starting again", child.name, describe(code))

    def _until_next(self) -> float:
        now = time.monotonic()
        return min([max(0.0, child.due - now) for child in self.children if child.process is None], default=60.0)

    def _gone(self, child: Child, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while child.alive and time.monotonic() < end:
            self._sleep(TICK)
        return not child.alive

    def _sleep(self, seconds: float) -> None:
        if select.select([self._wake_read], [], [], seconds)[0]:
            self._wake_read.recv(4096)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


def describe(code: int | None) -> str:
    """Return an exit code in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    return f"killed by {signal.Signals(-code).name}"
