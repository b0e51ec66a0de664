"""Mails made to be expensive: each costs bounded time and memory, and the next goes on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.fuzz import fuzz
from bench.worst import bombs
from channels.mime.message import read_mail
from helpdesk.config import ROOT
from helpdesk.safe_html import sanitise

BOMBS = {
    "many headers": b"X: y\r\n" * 1_000_000 + b"\r\nx",
    "many words": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\r\n\r\n",
    "many recipients": b"To: " + b"a@b, " * 500_000 + b"\r\n\r\n",
    "no line end": b"x" * 20_000_000,
    "only line ends": b"\r\n" * 5_000_000,
    "only delimiters": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n" * 1_000_000,
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\n" + b"--\r\n" * 1_000_000,
    "files without end": b"\r\n" + b"begin 644 x\r\nx\r\n" * 100_000,
    "parameters": b"Content-Type: text/plain;" + b"a=b; " * 200_000 + b"\r\n\r\nx",
    "parentheses": b"From: " + b"(" * 500_000 + b"\r\n\r\n",
    "backslashes": b'From: "' + b"\\" * 500_001 + b"\r\n\r\n",
    "results": b"Authentication-Results: x; " + b"a=b " * 100_000 + b"\r\n\r\n",
    "bounces": b"Return-Path: <>\r\nSubject: Undelivered\r\n\r\n" + b"<a@b>:\r\n" * 200_000,
    "deep html": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 1_000_000,
    "flowed": b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \r\n" * 300_000,
}


@pytest.mark.timeout(60)  # work that grows with the square would take hours
@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_holds_up_the_mails_behind_it(name: str) -> None:
    assert read_mail(BOMBS[name]).defects


WORST = [
    *("5 MB of entities", "entities between words", "entities and stray end tags", "5 MB of <", "nested messages"),
    *("winmail.dat, 65,535 files", "a calendar of 5 MB", "a rule of 3 MB", "uuencoded without end", "unclosed brackets"),
]


@pytest.fixture(scope="module")
def worst() -> dict[str, bytes]:
    return bombs()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", WORST)
def test_what_once_took_the_square_of_its_length_does_no_more(name: str, worst: dict[str, bytes]) -> None:
    sanitise(read_mail(worst[name]).html)


@pytest.mark.parametrize("name", ["40 MB of base64", "20 MB of HTML words"])
def test_a_big_mail_takes_no_more_than_200_megabytes(name: str, worst: dict[str, bytes]) -> None:
    measured = [sys.executable, "-m", "bench.worst"]
    done = subprocess.run(measured, cwd=ROOT, input=worst[name], capture_output=True, check=True, timeout=60)
    assert float(done.stdout.split()[1]) < 200


@pytest.mark.timeout(120)
def test_mutated_mails_are_all_read() -> None:
    assert fuzz(500, seed=7).raised == []
