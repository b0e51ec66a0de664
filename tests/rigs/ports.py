"""Ports for servers of tests that run at the same time: once chosen, a port is this process's until it ends."""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 20_000, 32_000
"""Below what the kernel gives to clients' connections (from 32768 on), which could take a port before its server does."""

LOCKS = Path(tempfile.gettempdir()) / f"temas-test-ports-{os.getuid()}"

_taken: dict[int, int] = {}
"""Port to the descriptor of its locked file. The kernel drops the lock when the process ends, however it ends."""

_candidates = itertools.cycle(random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST))


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1, all different, that nobody listens on and that no other test process is given."""
    return [next(port for port in _candidates if _take(port)) for _ in range(count)]


def _take(port: int) -> bool:
    if port in _taken or not _is_free(port):
        return False
    LOCKS.mkdir(exist_ok=True)
    lock = os.open(LOCKS / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    _taken[port] = lock
    return True


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
