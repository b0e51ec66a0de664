"""Callers of the API, one for each of the cast."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.api.caller import Caller, caller
from tests.cast import Cast


@pytest.fixture
def burak(app: Flask, cast: Cast) -> Caller:
    """An agent of Destek."""
    return caller(app, cast, cast.burak)


@pytest.fixture
def admin(app: Flask, cast: Cast) -> Caller:
    return caller(app, cast, cast.ayse)


@pytest.fixture
def outsider(app: Flask, cast: Cast) -> Caller:
    """An agent of another team."""
    return caller(app, cast, cast.outsider)


@pytest.fixture
def nobody(app: Flask) -> Caller:
    return Caller(app)
