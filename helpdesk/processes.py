"""Child processes that end with their parent: started programs and forks, seen through one small interface."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from helpdesk.account import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Process(Protocol):
    """What a supervisor needs of a child."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code (-N: killed by signal N) once it is dead and reaped, else None."""


def die_with_parent(parent: int, with_signal: int) -> None:
    """In a fresh child: arrange to get `with_signal` when the process `parent` dies, however it dies (Linux only)."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def launch(
    command: Sequence[str | Path],
    *,
    environ: Mapping[str, str],
    stop_signal: int = signal.SIGTERM,
    output: IO[Any] | int | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
    keep: tuple[int, ...] = (),
) -> "subprocess.Popen[bytes]":
    """Start a program that gets `stop_signal` when we die. It has a session of its own, so that Ctrl-C reaches only us.

    `output` takes stdout and stderr; `keep` names file descriptors that it inherits.
    """
    parent = os.getpid()
    # The kernel forgets the request when credentials change; the hook runs after that and before the program.
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(environ),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        pass_fds=keep,
        preexec_fn=lambda: die_with_parent(parent, stop_signal),
        **become(account),
    )


def become(account: Account | None) -> dict[str, Any]:
    """Return subprocess's arguments that drop root's rights for those of `account` (None: keep ours)."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


class Fork:
    """A child forked from this process, so that it shares the memory of everything imported so far."""

    def __init__(self, body: Callable[[], None], stop_signal: int = signal.SIGTERM) -> None:
        """Fork; the child runs `body` and exits: 0, or 1 after an exception, which Python's hook reports."""
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        self.pid = os.fork()
        if self.pid == 0:
            _become_child(parent, stop_signal, body)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code once it is dead, else None."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self) -> int:
        """Return the exit code once it is dead, waiting for that."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code


def _become_child(parent: int, stop_signal: int, body: Callable[[], None]) -> None:
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(parent, stop_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        body()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # the fork must not return into its parent's stack
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
