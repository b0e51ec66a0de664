"""Pictures of other people's servers, fetched so that nobody can make us reach what only we can reach.

The host is resolved once, every address it has must be public, and the connection goes to the address that was looked
at: a name that changes its answer in between gains nothing. The same holds for every hop of a redirect.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Literal
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

Reason = Literal["address", "unreachable", "timeout", "large", "type", "refused", "busy", "budget"]

MAX_BYTES = 5_000_000
MAX_SECONDS = 10.0
MAX_HOPS = 3
MAX_URL = 4_000
MAX_AT_ONCE = 12
PORTS = {"http": 80, "https": 443}
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; ImageProxy)",
    "Accept": "image/avif,image/webp,image/png,image/jpeg,image/gif",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_ROOM = threading.BoundedSemaphore(MAX_AT_ONCE)
# What older Pythons think public (192.0.0.0/24, 3fff::/20), and IPv4 in other clothes: 6to4 and its relays, Teredo,
# NAT64 (RFC 6052, 8215), IPv4-compatible; and site-local addresses.
_CLOSED = (
    "192.0.0.0/24",
    "192.88.99.0/24",
    "2002::/16",
    "2001::/32",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "::/96",
    "3fff::/20",
    "fec0::/10",
)
_NETWORKS = tuple(ipaddress.ip_network(network) for network in _CLOSED)
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


class NoPicture(Exception):
    """It was not fetched, or is not one that may be shown."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.read = 0
        """How many bytes had come."""


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    content_type: str


def picture(url: str) -> Picture:
    """Fetch a picture: at most MAX_BYTES, in MAX_SECONDS altogether, of a type that browsers show. Raises NoPicture."""
    if not _ROOM.acquire(timeout=MAX_SECONDS / 2):
        raise NoPicture("busy")
    try:
        data = _Fetch(url).run()
    finally:
        _ROOM.release()
    content_type = type_of(data)
    if not content_type:
        raise NoPicture("type")
    return Picture(data, content_type)


def type_of(data: bytes) -> str:
    """The type of a picture by its first bytes; "" for all that a browser should not show, SVG above all."""
    for magic, content_type in _MAGIC:
        if data.startswith(magic):
            return content_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/avif" if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis") else ""


def is_public(address: str) -> bool:
    """Whether an address is on the open internet: not private, local, shared, special, multicast, or a tunnel to such."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    closed = any(ip in network for network in _NETWORKS if network.version == ip.version)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or closed)


class _Fetch:
    """One fetch with its deadline. The work is done by a thread, so that a server that trickles cannot outlast it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._deadline = time.monotonic() + MAX_SECONDS
        self._connection: HTTPConnection | None = None
        self._line: socket.socket | None = None
        self._given_up = False
        self._found: bytes | NoPicture = NoPicture("timeout")
        self._read = 0

    def run(self) -> bytes:
        thread = threading.Thread(target=self._work, daemon=True)
        thread.start()
        thread.join(MAX_SECONDS)
        self._given_up = thread.is_alive()
        found = NoPicture("timeout") if self._given_up else self._found
        self._hang_up()
        if isinstance(found, NoPicture):
            found.read = self._read
            raise found
        return found

    def _work(self) -> None:
        try:
            self._found = self._follow()
        except NoPicture as refusal:
            self._found = refusal
        except TimeoutError:
            self._found = NoPicture("timeout")
        except (OSError, HTTPError, ValueError):  # ValueError: a redirect to what is no address
            self._found = NoPicture("unreachable" if self._left() > 0 else "timeout")

    def _follow(self) -> bytes:
        url = self._url
        for _hop in range(MAX_HOPS + 1):
            response = self._get(url)
            if response.status not in (301, 302, 303, 307, 308):
                return self._body(response)
            url = urljoin(url, response.headers.get("Location", ""))
            self._hang_up()
        raise NoPicture("refused")

    def _get(self, url: str) -> HTTPResponse:
        if self._left() <= 0:
            raise NoPicture("timeout")
        parts = _checked(url)
        scheme, host, port = parts.scheme or "", (parts.host or "").strip("[]"), PORTS[parts.scheme or ""]
        address = _resolved(host, port)
        timeout = max(0.1, self._left())
        if scheme == "https":
            # ``server_hostname`` is what the certificate must be for
            self._connection = HTTPSConnection(address, port, timeout=timeout, ssl_context=_tls(), server_hostname=host)
        else:
            self._connection = HTTPConnection(address, port, timeout=timeout)
        headers = HEADERS | {"Host": parts.host or ""}
        self._connection.request("GET", parts.request_uri, headers=headers, preload_content=False)
        self._line = self._connection.sock  # which the connection lets go of once nothing more is to be asked
        if self._given_up:
            self._hang_up()
        return self._connection.getresponse()

    def _body(self, response: HTTPResponse) -> bytes:
        if response.status != 200:
            raise NoPicture("refused")
        if (length := response.headers.get("Content-Length", "")).isdigit() and int(length) > MAX_BYTES:
            raise NoPicture("large")
        data = bytearray()
        for piece in response.stream(65_536, decode_content=True):
            data += piece
            self._read = len(data)
            if len(data) > MAX_BYTES:
                raise NoPicture("large")
            if self._left() < 0:
                raise NoPicture("timeout")
        return bytes(data)

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _hang_up(self) -> None:
        """Close the line; whoever still reads from it is woken."""
        if self._line is not None:
            with suppress(OSError):  # it was closed by the other side
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)
        if self._connection is not None:
            self._connection.close()


def _checked(url: str) -> Url:
    """The parts of an address that may be asked for. Raises NoPicture."""
    if len(url) > MAX_URL:
        raise NoPicture("address")
    parts = parse_url(f"https:{url}" if url.startswith("//") else url)
    if parts.scheme not in PORTS or not parts.host or parts.auth:
        raise NoPicture("address")
    if parts.port not in (None, PORTS[parts.scheme]):
        raise NoPicture("address")
    return parts


def _resolved(host: str, port: int) -> str:
    """The address to connect to. Raises NoPicture when any of the host's is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoPicture("unreachable") from error
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(map(is_public, addresses)):
        raise NoPicture("address")
    return addresses[0]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
