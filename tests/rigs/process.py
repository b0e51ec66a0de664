"""A server process of a rig: started, waited for, stopped or killed with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Sequence

import psutil

from tests.rigs.wait import PATIENCE, until


def answers(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1:``port``."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def running(process: psutil.Process) -> bool:
    """Whether a process runs still; one that has ended without being waited for does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Server:
    """One foreground server with its own process group, ready when all its ``ports`` answer."""

    def __init__(self, command: Sequence[str], ports: Sequence[int]) -> None:
        self.command, self.ports = list(command), list(ports)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it listens. Raises AssertionError with its output when it exits instead."""
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
        )
        until(lambda: self._exited() or all(map(answers, self.ports)), what=f"{self.command[0]} listening")
        if self._exited():
            raise AssertionError(f"{self.command[0]} exited: {self._output()}")

    def stop(self) -> None:
        """End it in its own orderly way; whatever is left of its group is killed."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.kill()

    def kill(self) -> None:
        """SIGKILL the whole process group, as when the machine loses power."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it had ended by itself, and all its children with it
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self._output()
        self.process = None

    def _exited(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def _output(self) -> str:
        assert self.process is not None and self.process.stdout is not None
        with self.process.stdout as pipe:
            return pipe.read().decode(errors="replace")
