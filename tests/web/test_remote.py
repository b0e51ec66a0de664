"""Pictures are fetched from the open internet only, in bounds of time, size and type."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from helpdesk import remote
from tests.rigs.wait import PATIENCE

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


class Server(ThreadingHTTPServer):
    """Answers what the test says; remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: say(handler, PNG)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        try:
            self.server.answer(self)
        except OSError:
            self.close_connection = True  # the other side had enough

    def log_message(self, format: str, *args: Any) -> None:
        pass


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": "image/png", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as running:
        monkeypatch.setattr(remote, "PORTS", {"http": running.server_port, "https": 443})
        monkeypatch.setattr(remote, "is_public", lambda address: address == "127.0.0.1")
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield running
        running.over.set()
        running.shutdown()


def refusal(url: str) -> str:
    with pytest.raises(remote.NoPicture) as refused:
        remote.picture(url)
    return refused.value.reason


def test_a_picture_comes_and_its_sender_learns_nothing_of_us(server: Server) -> None:
    server.answer = lambda handler: say(handler, PNG, Content_Type="text/html", Set_Cookie="a=b")
    assert remote.picture(f"{server.url}/bild ş.png?a=1#x") == remote.Picture(PNG, "image/png")
    path, headers = server.asked[0]
    assert path == "/bild%20%C5%9F.png?a=1"
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8"),
        *("198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.88.99.1", "203.0.113.5"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:0:1::1", "2001:db8::1", "3fff::1"),
    ],
)
def test_only_the_open_internet_is_public(address: str) -> None:
    assert not remote.is_public(address)


def test_public_addresses_are_public() -> None:
    assert all(map(remote.is_public, ("93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14")))


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/"),
        *("http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://127.0.0.1:6379/", "http://93.184.215.14:8080/"),
        *("file:///etc/passwd", "ftp://93.184.215.14/", "http://user@93.184.215.14/", "http:///x", "//169.254.169.254/"),
        "http://93.184.215.14/" + "x" * 5_000,
    ],
)
def test_addresses_that_are_not_asked(url: str) -> None:
    assert refusal(url) == "address"


def test_a_name_with_one_private_address_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)
    assert refusal("http://rebind.example/") == "address"


def test_a_redirect_is_looked_at_like_the_first_address(server: Server) -> None:
    server.answer = lambda handler: say(handler, b"", 302, Location="http://127.0.0.2/")
    assert refusal(server.url) == "address"
    server.answer = lambda handler: say(handler, PNG) if handler.path == "/a" else say(handler, b"", 301, Location="/a")
    assert remote.picture(server.url).data == PNG
    server.asked.clear()
    server.answer = lambda handler: say(handler, b"", 307, Location=f"{handler.path}x")
    assert refusal(server.url) == "refused"
    assert len(server.asked) == 1 + remote.MAX_HOPS


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {"Content_Type": "image/svg+xml"}, "type"),
        (b"<html>", {}, "type"),
        (b"", {}, "type"),
        (PNG, {"Content_Length": "5000001"}, "large"),
        (PNG + bytes(5_000_000), {}, "large"),
        (gzip.compress(PNG + bytes(50_000_000)), {"Content_Encoding": "gzip"}, "large"),
    ],
    ids=["svg", "html", "nothing", "declared", "streamed", "bomb"],
)
def test_what_is_no_picture_or_too_large(server: Server, body: bytes, headers: dict[str, Any], reason: str) -> None:
    server.answer = lambda handler: say(handler, body, **headers)
    assert refusal(server.url) == reason


@pytest.mark.parametrize("headers_first", [True, False])
def test_a_server_that_trickles_gets_no_longer_than_others(
    server: Server, monkeypatch: pytest.MonkeyPatch, headers_first: bool
) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"\r\n" if headers_first else b""))
        while not server.over.wait(0.02):
            handler.wfile.write(b"x")

    monkeypatch.setattr(remote, "MAX_SECONDS", 0.4)
    server.answer = trickle
    assert refusal(server.url) == "timeout"
    for thread in threading.enumerate():
        if "_work" in thread.name:
            thread.join(PATIENCE)
            assert not thread.is_alive()  # nobody goes on reading for nothing


@pytest.mark.parametrize(
    ("start", "content_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"%PDF-1.7", ""),
        (b"BM", ""),
    ],
)
def test_the_type_is_told_by_the_first_bytes(start: bytes, content_type: str) -> None:
    assert remote.type_of(start) == content_type
