"""Mails made to be expensive: each costs bounded time and memory, and the next goes on."""

from __future__ import annotations

import pytest

from channels.mime import read_mail

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
