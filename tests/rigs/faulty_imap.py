"""A line to a real IMAP server on which things go wrong: it answers in the server's place, alters what it says, or cuts.

with FaultyImap(server.imap_port) as line:
    line.instead = lambda tag, command: b"* BYE shutting down\r\n" if command.startswith(b"UID FETCH") else None
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType


class Cut(Exception):
    """Raised by a fault to end the connection after ``last`` was passed on."""

    def __init__(self, last: bytes = b"") -> None:
        super().__init__()
        self.last = last


class FaultyImap:
    """A proxy on 127.0.0.1:``port``; both faults may be exchanged at any time and hold for all connections.

    ``instead(tag, command)`` answers a command in the server's place (None: let it pass, b"": leave it unanswered).
    ``altered(data)`` is what becomes of a piece of the server's words. Either may raise Cut.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self.heal()

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.instead: Callable[[bytes, bytes], bytes | None] = lambda _tag, _command: None
        self.altered: Callable[[bytes], bytes] = lambda data: data

    def __enter__(self) -> FaultyImap:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for line in (self._listener, *self._lines):
            _end(line)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                self.connections += 1
                self._lines += [client, server]
                threading.Thread(target=self._commands, args=(client, server), daemon=True).start()
                threading.Thread(target=self._words, args=(server, client), daemon=True).start()

    def _commands(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), client.makefile("rb") as lines:
            try:
                for line in lines:
                    tag, _space, command = line.rstrip(b"\r\n").partition(b" ")
                    answer = self.instead(tag, command.upper())
                    if answer is None:
                        server.sendall(line)
                    else:
                        client.sendall(answer)
            except Cut as cut:
                client.sendall(cut.last)
        _end(client)
        _end(server)

    def _words(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            try:
                while data := server.recv(65_536):
                    client.sendall(self.altered(data))
            except Cut as cut:
                client.sendall(cut.last)
        _end(client)
        _end(server)


def _end(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


def first(times: int, fault: Callable[[bytes], bytes], *commands: bytes) -> Callable[[bytes, bytes], bytes | None]:
    """An ``instead`` that answers the first so many of these commands with ``fault(tag)``."""
    left = times

    def instead(tag: bytes, command: bytes) -> bytes | None:
        nonlocal left
        if left > 0 and command.startswith(commands):
            left -= 1
            return fault(tag)
        return None

    return instead
