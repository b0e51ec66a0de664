"""Trying an inbox step by step, so that an admin sees where it breaks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from channels.base import CheckStep
from channels.failures import ChannelFailure
from channels.mailbox import imap_connection, smtp
from channels.mailbox.errors import translated
from channels.mailbox.settings import Endpoint

StepName = Literal["resolve_in", "connect_in", "login_in", "folder", "resolve_out", "connect_out", "login_out", "send"]
Step = tuple[StepName, Callable[[], Any]]
Endpoints = Callable[[], Endpoint]
"""Makes the endpoint; raises TemporaryFailure("settings"), which then is what the step failed with."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What is looked at beside the servers: the folders to open, and the domain that greets.

    ``finds_sent``: nobody has named the folder of sent mail, so it is looked for.
    """

    folders: Sequence[str]
    domain: str
    finds_sent: bool = False


def check_mailbox(
    receiving: Endpoints, sending: Endpoints, mailbox: Mailbox, send: Callable[[], None]
) -> Iterator[CheckStep]:
    """Receiving, then sending; within each, what comes after a failure is not tried. Connections are closed."""
    yield from _run(_Receiving(receiving, mailbox))
    yield from _run(_Sending(sending, mailbox.domain, send))


class _Receiving:
    def __init__(self, endpoint: Endpoints, mailbox: Mailbox) -> None:
        self._endpoint, self._mailbox = endpoint, mailbox
        self._client: Any = None

    def steps(self) -> Sequence[Step]:
        return (
            ("resolve_in", lambda: _resolve(self._endpoint())),
            ("connect_in", self._connect),
            ("login_in", lambda: imap_connection.login(self._client, self._endpoint())),
            ("folder", self._select),
        )

    def close(self) -> None:
        if self._client is not None:
            imap_connection.drop(self._client)

    def _connect(self) -> None:
        self._client = imap_connection.connect(self._endpoint())

    def _select(self) -> tuple[tuple[str, str], ...]:
        for folder in self._mailbox.folders:
            imap_connection.select(self._client, self._endpoint(), folder)
        sent = imap_connection.sent_folder(self._client, self._endpoint()) if self._mailbox.finds_sent else ""
        return (("imap_sent_folder", sent),) if sent else ()


class _Sending:
    def __init__(self, endpoint: Endpoints, domain: str, send: Callable[[], None]) -> None:
        self._endpoint, self._domain, self._send = endpoint, domain, send
        self._smtp: Any = None

    def steps(self) -> Sequence[Step]:
        return (
            ("resolve_out", lambda: _resolve(self._endpoint())),
            ("connect_out", self._connect),
            ("login_out", lambda: smtp.login(self._smtp, self._endpoint())),
            ("send", self._send),
        )

    def close(self) -> None:
        if self._smtp is not None:
            smtp.quit_politely(self._smtp)

    def _connect(self) -> None:
        self._smtp = smtp.connect(self._endpoint(), self._domain)


def _resolve(endpoint: Endpoint) -> None:
    with translated(endpoint):
        socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)


def _run(side: _Receiving | _Sending) -> Iterator[CheckStep]:
    failed = False
    try:
        for name, action in side.steps():
            step = CheckStep(name, None) if failed else _try(name, action)
            failed = failed or step.ok is False
            yield step
    finally:
        side.close()


def _try(name: StepName, action: Callable[[], Any]) -> CheckStep:
    started = time.monotonic()
    try:
        found = action()
    except ChannelFailure as failure:
        return CheckStep(name, False, _since(started), failure.code, failure.detail)
    return CheckStep(name, True, _since(started), proposes=found if name == "folder" else ())


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
