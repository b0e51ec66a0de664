"""Pages are asked for by a browser, which wants HTML."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT"] = "text/html"
    return client
