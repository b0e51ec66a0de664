"""Trying an inbox step by step, so that an admin sees where it breaks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from channels import imap_connection, smtp
from channels.base import ChannelFailure, CheckStep
from channels.mail_errors import translated
from channels.mail_settings import Endpoint, folders, incoming, outgoing

StepName = Literal["resolve_in", "connect_in", "login_in", "folder", "resolve_out", "connect_out", "login_out", "send"]
Step = tuple[StepName, Callable[[], Any]]


def check_mailbox(address: str, values: Mapping[str, str], send: Callable[[], None]) -> Iterator[CheckStep]:
    """Receiving, then sending; within each, what comes after a failure is not tried. Connections are closed."""
    yield from _run(_Receiving(address, values))
    yield from _run(_Sending(address, values, send))


class _Receiving:
    def __init__(self, address: str, values: Mapping[str, str]) -> None:
        self._address, self._values = address, values
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

    def _endpoint(self) -> Endpoint:
        return incoming(self._address, self._values)

    def _connect(self) -> None:
        self._client = imap_connection.connect(self._endpoint())

    def _select(self) -> None:
        for folder in folders(self._values):
            imap_connection.select(self._client, self._endpoint(), folder)


class _Sending:
    def __init__(self, address: str, values: Mapping[str, str], send: Callable[[], None]) -> None:
        self._domain, self._values, self._send = address.rpartition("@")[2], values, send
        self._smtp: Any = None

    def steps(self) -> Sequence[Step]:
        return (
            ("resolve_out", lambda: _resolve(outgoing(self._values))),
            ("connect_out", self._connect),
            ("login_out", lambda: smtp.login(self._smtp, outgoing(self._values))),
            ("send", self._send),
        )

    def close(self) -> None:
        if self._smtp is not None:
            smtp.quit_politely(self._smtp)

    def _connect(self) -> None:
        self._smtp = smtp.connect(outgoing(self._values), self._domain)


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
        action()
    except ChannelFailure as failure:
        return CheckStep(name, False, _since(started), failure.code, failure.detail)
    return CheckStep(name, True, _since(started))


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
