"""Work on strangers' bytes, in a forked child with a limit for each item: what is too costly ends the child, not us.

The child inherits its items with the parent's memory, so nothing is sent to it. It writes each answer to a file in
memory and a mark to a pipe. The kernel itself watches over processor time and address space, inside any library.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import select
import signal
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any, Literal

from helpdesk.processes import Fork

SILENCE_SECONDS = 60.0
"""How long a child that uses no processor time may be silent: the machine is stuck then, not the item."""
GLANCE_SECONDS = 0.25
"""Processor time after which an item is not cheap any more."""
PAGE = resource.getpagesize()
MARK = struct.Struct("<Q")

Excess = Literal["time", "memory"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one item may cost: seconds of processor time, and bytes of memory beside the item itself."""

    seconds: float
    memory: int


class TooCostly(Exception):
    """The item needed more than its limit of ``what``."""

    def __init__(self, what: Excess) -> None:
        super().__init__(what)
        self.what: Excess = what


class Died(Exception):
    """The child ended in the middle of the item for another reason: ``signal`` is the one that a crash ended it by."""

    def __init__(self, words: str, signal: int | None = None) -> None:
        super().__init__(words)
        self.signal = signal


class Failed(Exception):
    """The function raised for this item; the text names its exception."""


Answer = Any
"""What the function returned, or one of the three exceptions above."""


class Contained:
    """``function`` on each of ``items``, begun at once in a child; ``answers`` gives the results in their order."""

    def __init__(self, function: Callable[[Any], Any], items: Sequence[Any], limits: Limits) -> None:
        self._function, self._items, self._limits = function, items, limits
        self._child = _Child(function, items, limits) if items else None

    def answers(self) -> Iterator[Answer]:
        """One answer for each item. What ends the child is that item's answer; a fresh child goes on with the next."""
        done = 0
        while self._child is not None:
            for answer in self._child.answers():
                yield answer
                done += 1
            if done == len(self._items):
                return  # the child ends by itself: nobody needs to wait for that now
            reason, self._child = self._child.close(), None
            done += 1
            if rest := self._items[done:]:
                self._child = _Child(self._function, rest, self._limits)
            yield reason

    def close(self) -> None:
        """Reap the child, ending it when it still works on answers that nobody wants any more."""
        if self._child is not None:
            self._child.close()
            self._child = None


def glance(function: Callable[[Any], Any], item: Any, limits: Limits) -> Answer | None:
    """The answer of an item that proves cheap, in this process; None when a child should have it.

    A fork takes longer than reading a small mail. Should a library neither return nor let Python's handler run, the
    kernel ends this process at the full limit.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    before = signal.signal(signal.SIGPROF, _give_up), signal.signal(signal.SIGVTALRM, signal.SIG_DFL)
    room = resource.getrlimit(resource.RLIMIT_AS)
    try:
        _limit_memory(limits.memory)
        signal.setitimer(signal.ITIMER_VIRTUAL, limits.seconds)
        signal.setitimer(signal.ITIMER_PROF, GLANCE_SECONDS, GLANCE_SECONDS)
        try:
            return function(item)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)  # within the outer try: the last signal may be under way
    except (_Enough, Exception):
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, room)
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGVTALRM, before[1])


class _Enough(BaseException):
    """Raised within a glance that takes too long; no ``except Exception`` on the way may keep it."""


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise _Enough


class _Child:
    """One fork working through the items it was given."""

    def __init__(self, function: Callable[[Any], Any], items: Sequence[Any], limits: Limits) -> None:
        self._count, self._stuck = len(items), False
        self._answers = _memory_file()
        self._marks, marks = os.pipe()
        try:
            self._fork = Fork(lambda: _work(function, items, limits, self._answers, marks), signal.SIGKILL)
        except OSError:
            os.close(self._marks)
            os.close(self._answers)
            raise
        finally:
            os.close(marks)

    def answers(self) -> Iterator[Answer]:
        """The answers that the child comes to give, each as soon as it is there."""
        start = 0
        for _ in range(self._count):
            if (end := self._marked()) is None:
                return
            yield pickle.loads(os.pread(self._answers, end - start, start))  # noqa: S301 - our own fork wrote it
            start = end

    def close(self) -> Exception:
        """End the child and reap it; returns why it ended, in the case that it left an item unanswered."""
        if self._fork.poll() is None:
            os.kill(self._fork.pid, signal.SIGKILL)
        code = self._fork.wait()
        os.close(self._marks)
        os.close(self._answers)
        if code == -signal.SIGPROF:
            return TooCostly("time")
        if self._stuck:
            return Died("no sign of life")
        return Died(f"signal {-code}", -code) if code < 0 else Died(f"exit code {code}")

    def _marked(self) -> int | None:
        """Where the next answer ends, once it is written; None when the child gives no more."""
        poller = select.poll()
        poller.register(self._marks, select.POLLIN)
        if not poller.poll(SILENCE_SECONDS * 1000):
            self._stuck = True
            return None
        mark = os.read(self._marks, MARK.size)
        return int(MARK.unpack(mark)[0]) if len(mark) == MARK.size else None


def _work(function: Callable[[Any], Any], items: Sequence[Any], limits: Limits, answers: int, marks: int) -> None:
    """In the child. What was there before the fork is never collected: that would copy it, and close its lines."""
    gc.freeze()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with os.fdopen(answers, "wb", closefd=False) as file:
        for item in items:
            _limit_memory(limits.memory)
            signal.setitimer(signal.ITIMER_PROF, limits.seconds)
            _write(file, function, item)
            signal.setitimer(signal.ITIMER_PROF, 0)
            os.write(marks, MARK.pack(file.tell()))


def _write(file: IO[bytes], function: Callable[[Any], Any], item: Any) -> None:
    """Append the answer for one item."""
    start = file.tell()
    try:
        pickle.dump(function(item), file, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        file.seek(start)
        pickle.dump(TooCostly("memory"), file)
    except Exception as error:
        file.seek(start)
        pickle.dump(Failed(f"{type(error).__name__}: {error}"), file)
    file.flush()


def _limit_memory(allowance: int) -> None:
    """Let the address space grow by ``allowance`` from here; only Linux tells its size, and keeps to the limit."""
    if sys.platform != "linux":
        return
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - once an item: a Path costs more than the reading
        size = int(file.read().split(b" ", 1)[0]) * PAGE
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size + allowance
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _memory_file() -> int:
    """A file without a name, in memory where the system has such."""
    if sys.platform == "linux":
        return os.memfd_create("answers")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
