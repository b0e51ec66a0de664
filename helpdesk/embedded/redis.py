"""The embedded Redis (or Valkey): keeps nothing on disk, as Redis is only a hint."""

import os
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from helpdesk.embedded.binaries import redis_program
from helpdesk.embedded.leftovers import stop_leftover
from helpdesk.embedded.places import Places
from helpdesk.processes import Process, launch

NAMES = ("redis-server", "valkey-server")
SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "databases": "1",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "warning",
}


class Redis:
    """One server on a Unix socket in a folder that only we can enter."""

    name = "Redis"
    stop_signal = signal.SIGTERM

    def __init__(self, places: Places) -> None:
        """Take the places; nothing is touched yet."""
        self.places = places
        self.folder = places.data / "redis"
        self.log = places.data / "redis.log"

    @property
    def url(self) -> str:
        """The URL that redis-py understands."""
        return f"unix://{quote(str(self.places.redis_socket))}"

    def prepare(self) -> None:
        """Stop a predecessor that is still running."""
        stop_leftover(self.folder / "redis.pid", self.folder, NAMES, self.stop_signal)

    def command(self) -> list[str | Path]:
        """Return the command line of the server."""
        settings = SETTINGS | {
            "dir": str(self.folder),
            "pidfile": str(self.folder / "redis.pid"),
            "unixsocket": str(self.places.redis_socket),
        }
        return [redis_program(), *(part for key, value in settings.items() for part in (f"--{key}", value))]

    def launch(self) -> Process:
        """Start the server."""
        environ = {"PATH": os.defpath, "LC_ALL": "C"}
        with self.log.open("ab") as log:
            return launch(self.command(), environ=environ, stop_signal=self.stop_signal, output=log, cwd=Path("/"))

    def answers(self, process: Process | None) -> bool:  # noqa: ARG002 - one interface with PostgreSQL
        """Tell whether the server answers a PING."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.places.redis_socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False
