"""Connecting, logging in and selecting a folder, each with the failure that an admin can act on."""

from __future__ import annotations

import imaplib
import socket
from contextlib import suppress

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from channels.failures import TemporaryFailure
from channels.mailbox import oauth as mail_oauth
from channels.mailbox.errors import translated, words
from channels.mailbox.settings import Endpoint
from channels.mailbox.tokens import TokenRefused, present

CONNECT_SECONDS, READ_SECONDS = 15, 60
MOST_NAMES = 20


def connect(endpoint: Endpoint) -> IMAPClient:
    """A connection with TLS as set. Raises TemporaryFailure."""
    with translated(endpoint):
        client = IMAPClient(
            endpoint.host,
            endpoint.port,
            ssl=endpoint.security == "ssl",
            ssl_context=endpoint.tls() if endpoint.security == "ssl" else None,
            timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
    _keep_alive(client.socket())
    if endpoint.security == "starttls":
        _start_tls(client, endpoint)
    return client


def _keep_alive(line: socket.socket) -> None:
    """Let the system probe a silent line, so that one which a router forgot is noticed within two minutes."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):  # not every system lets a program choose
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _start_tls(client: IMAPClient, endpoint: Endpoint) -> None:
    try:
        with translated(endpoint, "tls"):
            client.starttls(endpoint.tls())
    except TemporaryFailure:
        drop(client)
        raise


def drop(client: IMAPClient) -> None:
    """Close the connection without a goodbye, whether or not it still stands."""
    with suppress(OSError):
        client.shutdown()


def login(client: IMAPClient, endpoint: Endpoint) -> None:
    """Log in. Raises TemporaryFailure: "login" when user or password are refused, "token" when a fresh token is."""
    with translated(endpoint):
        if endpoint.tokens is not None:
            present(endpoint.tokens, lambda token: _authenticate(client, endpoint, token))
            return
        try:
            client.login(endpoint.user, endpoint.password)
        except LoginError as error:
            raise TemporaryFailure("login", words(error, endpoint.password), whole_inbox=True) from error


def _authenticate(client: IMAPClient, endpoint: Endpoint, token: str) -> None:
    """Sign in with a token (RFC 4422). Raises TokenRefused."""
    offered = {name.decode("ascii", "replace").upper() for name in client.capabilities()}
    name = mail_oauth.mechanism({one.removeprefix("AUTH=") for one in offered if one.startswith("AUTH=")})
    if name is None:
        raise TemporaryFailure("token", "the server offers neither XOAUTH2 nor OAUTHBEARER", whole_inbox=True)
    reasons: list[str] = []
    begun = iter([mail_oauth.credentials(name, endpoint.user, token)])

    def answer(challenge: bytes) -> bytes:
        if (first := next(begun, None)) is not None:
            return first.encode()
        reasons.append(mail_oauth.refusal(challenge))
        return mail_oauth.farewell(name).encode()

    try:
        client.sasl_login(name, answer)
    except LoginError as error:
        raise TokenRefused(" ".join([words(error, token), *reasons]).strip()) from error


def select(client: IMAPClient, endpoint: Endpoint, folder: str) -> dict[bytes, object]:
    """Select a folder and return the server's answer. Raises TemporaryFailure("folder") when it may not be read."""
    with translated(endpoint):
        try:
            return dict(client.select_folder(folder))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            detail = f"{folder}: {words(error)}{_others(client)}"
            raise TemporaryFailure("folder", detail, whole_inbox=True) from error


def sent_folder(client: IMAPClient, endpoint: Endpoint) -> str:
    """The folder that the server marks for sent mail (RFC 6154 §2); empty when it marks none."""
    with translated(endpoint):
        marked = (name for flags, _delimiter, name in client.list_folders() if b"\\Sent" in flags)
        return str(next(marked, ""))


def _others(client: IMAPClient) -> str:
    """The folders that do exist, for whoever mistyped a name."""
    try:
        names = [str(name) for _flags, _delimiter, name in client.list_folders()]
    except imaplib.IMAP4.error:
        return ""
    return f" ({', '.join(names[:MOST_NAMES])}{', …' if len(names) > MOST_NAMES else ''})" if names else ""
