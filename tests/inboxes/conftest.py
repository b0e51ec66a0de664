"""A provider of OAuth 2.0 for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rigs.oauth_server import OAuthServer


@pytest.fixture
def provider() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server
