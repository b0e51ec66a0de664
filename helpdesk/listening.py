"""The socket that the web process serves: made before anything else, so that a taken port is noticed at once."""

from __future__ import annotations

import errno
import socket
import time

from helpdesk.config import StartError

BACKLOG = 512
LOCAL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where a socket for everybody is reached from here


def listen_on(host: str, port: int, patience: float = 0.0) -> socket.socket:
    """Return a listening socket, trying for `patience` seconds while the port is taken. Raises StartError."""
    end = time.monotonic() + patience
    while True:
        try:
            return socket.create_server((host, port), family=_family(host), backlog=BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                raise StartError(_sentence(error, host, port)) from error
        time.sleep(0.1)  # nobody tells us when another process gives up a port


def answer_of(host: str, port: int) -> str:
    """Return the body of `/healthz` when its status is 200, else nothing."""
    try:
        with socket.create_connection((LOCAL.get(host, host), port), timeout=2) as line:
            line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: line.recv(4096), b""))
    except OSError:
        return ""
    head, _, body = answer.partition(b"\r\n\r\n")
    return body.decode(errors="replace").replace(" ", "") if head.split(b" ", 2)[1:2] == [b"200"] else ""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program; choose another one, such as bin/run --port {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} may only be used by root; choose one above 1023, such as bin/run --port 8000."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"This machine has no address {host}; use 127.0.0.1, or 0.0.0.0 for all its addresses (--host)."
    return f"Temas cannot listen on {host}, port {port} ({error.strerror})."
