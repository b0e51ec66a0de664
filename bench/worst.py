"""Mails made to be expensive, and what each costs in a process of its own: seconds and the memory it adds."""

from __future__ import annotations

import base64
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from bench.results import Result

MB = 1_000_000
HEAD = b"From: Ali <ali@customer.example>\r\nSubject: Konu\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"


def bombs() -> dict[str, bytes]:
    """Every worst case by its name."""
    return {
        "a million headers": b"X: y\r\n" * MB + b"\r\nx",
        "one header of 20 MB": b"Subject: " + b"x" * 20 * MB + b"\r\n\r\nx",
        "a million addresses": HEAD + b"To: " + b"a@b.example, " * MB + b"\r\n\r\nx",
        "unclosed brackets": HEAD + b"To: " + b'<"' * 500_000 + b"\r\n\r\nx",
        "encoded words": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 500_000 + b"\r\n\r\nx",
        "one encoded word of 10 MB": b"Subject: =?utf-8?B?" + b"QUJD" * 2_500_000 + b"?=\r\n\r\nx",
        "half-encoded words": b"Subject: " + b"=?utf-8?q?" * 500_000 + b"\r\n\r\nx",
        "parameters": HEAD + b"Content-Type: text/plain" + b"; a*0*=x'y'%41" * 300_000 + b"\r\n\r\nx",
        "10,000 parts": MIXED + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n" * 10_000 + b"--b--",
        "a million delimiters": MIXED + b"--b\r\n" * MB,
        "nested multiparts": HEAD + b"".join(_nested(level) for level in range(20_000)),
        "nested messages": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 200_000,
        "40 MB of base64": MIXED + _file(b"application/zip") + base64.encodebytes(bytes(30 * MB)) + b"--b--",
        "40 MB of quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=41" * 13 * MB,
        "a zip bomb": MIXED + _file(b"application/zip") + base64.encodebytes(zlib.compress(bytes(50 * MB))) + b"--b--",
        "uuencoded files": HEAD + b"\r\n" + b"begin 644 x\r\n#0V%T\r\nend\r\n" * 200_000,
        "uuencoded without end": HEAD + b"\r\n" + b"begin 644 x\r\n#0V%T\r\n" * 200_000,
        "flowed quotes": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \r\n" * 500_000,
        "quoted lines": HEAD + b"\r\n" + b"> a\r\nOn 1.1.2020 x wrote:\r\n" * 200_000,
        "5 MB of one line": HEAD + b"\r\n" + b"a " * 2_500_000,
        "5 MB of 8-bit bytes": HEAD + b"\r\n" + bytes(range(128, 256)) * 40_000,
        "5 MB of <div>": HTML + b"<div>" * MB,
        "5 MB of <div> and </div>": HTML + b"<div>" * 450_000 + b"</div>" * 450_000,
        "5 MB of <table>": HTML + b"<table><tr><td>" * 333_000,
        "5 MB of attributes": HTML + b"<a " + b"x=1 " * 1_250_000 + b">",
        "5 MB of <": HTML + b"<" * 5 * MB,
        "5 MB of unclosed comments": HTML + b"<!--" * 1_250_000,
        "5 MB of entities": HTML + b"&amp;" * MB,
        "entities between words": HTML + b"&amp; some text" * 200_000,
        "entities and stray end tags": HTML + b"&amp; some text</x>" * 150_000,
        "2 MB of spaces in a table": HTML + b"<table><tr><td>" + b"<td>&nbsp;<p>x</p></td>" * 90_000,
        "20 MB of HTML words": HTML + b"word " * 4 * MB,
        "5 MB of style": HTML + b"<p style='" + b"color:red;" * 500_000 + b"'>x",
        "5 MB of blockquotes": HTML + b"<blockquote>" * 400_000,
        "winmail.dat, 65,535 files": MIXED + _file(b"application/ms-tnef") + base64.encodebytes(winmail(65_535)) + b"--b--",
        "a calendar of 5 MB": HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n" + _event() * 60_000,
        "a rule of 3 MB": HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nRRULE:BYDAY=" + b"MO," * MB,
    }  # fmt: skip


def _nested(level: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)


def _file(kind: bytes) -> bytes:
    return b"--b\r\nContent-Type: %b; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\n" % kind


def winmail(files: int = 3) -> bytes:
    """A winmail.dat with a body in RTF and so many small files."""
    rtf = rb"{\rtf1\ansicpg1254\fromhtml1{\*\htmltag64 <p>}Sipari\'fe\par{\*\htmltag72 </p>}}"
    packed = struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
    body = struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(packed)) + packed + b"\0" * (-len(packed) % 4)
    one = _attribute(2, 0x9002, b"x") + _attribute(2, 0x8010, b"a.txt\0") + _attribute(2, 0x800F, b"x")
    return b"\x78\x9f\x3e\x22\x01\x00" + _attribute(1, 0x9003, body) + one * files


def _attribute(level: int, identifier: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, identifier, 6, len(value)) + value + b"\0\0"


def _event() -> bytes:
    return b"BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Istanbul:20261123T100000\r\nSUMMARY:x\r\nEND:VEVENT\r\n"


def run() -> Iterator[Result]:
    """Each worst case in a fresh process, so that memory is its own."""
    for name, raw in bombs().items():
        done = subprocess.run([sys.executable, "-m", "bench.worst"], input=raw, capture_output=True, check=True, timeout=120)
        seconds, megabytes = map(float, done.stdout.split())
        params = {"mb": round(len(raw) / MB, 1)}
        yield Result(f"worst, {name}", seconds, "s", params, "≤ 2")
        yield Result(f"worst, {name}, memory", megabytes, "MB", params, "≤ 200")


def measure() -> None:
    """Read and sanitise the mail on the standard input; print CPU seconds and the peak of memory above the start."""
    from channels.mime.message import read_mail
    from helpdesk.safe_html import sanitise

    read_mail(b"Subject: warm\r\n\r\nx")
    before = _memory("VmRSS")
    raw = sys.stdin.buffer.read()
    begun = time.process_time()
    sanitise(read_mail(raw).html)
    print(time.process_time() - begun, _memory("VmHWM") - before)


def _memory(name: str) -> float:
    """Megabytes by the kernel's own account; the limits of ``getrusage`` are inherited from the parent."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return float(lines[name].split()[0]) / 1_000


if __name__ == "__main__":
    measure()
