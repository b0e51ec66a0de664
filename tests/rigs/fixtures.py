"""Fixtures of the rigs, for tests/conftest.py to name in ``pytest_plugins``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.rigs import mailserver


def need(reason: str) -> None:
    """Skip the test for ``reason``, or fail it where everything must be there (CI=true). Nothing when it is empty."""
    if not reason:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[mailserver.MailServer]:
    """Dovecot and Exim, shared by the whole run: use an address of your own in each test."""
    need(mailserver.missing())
    with mailserver.MailServer() as server:
        yield server


@pytest.fixture
def trusted_mail_server(mail_server: mailserver.MailServer, monkeypatch: pytest.MonkeyPatch) -> mailserver.MailServer:
    """The same server, with its certificate authority trusted by this process."""
    monkeypatch.setenv("SSL_CERT_FILE", str(mail_server.ca_file))
    return mail_server


@pytest.fixture
def own_mail_server() -> Iterator[mailserver.MailServer]:
    """A server for one test that stops, kills or breaks it."""
    need(mailserver.missing())
    with mailserver.MailServer() as server:
        yield server
