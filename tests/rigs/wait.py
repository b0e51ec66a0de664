"""Waiting for a condition by polling it, with a deadline: tests never sleep for a guessed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which a test gives up whatever it waits for. A machine may be slow; who passes never waits so long."""


def until(condition: Callable[[], T | None], *, seconds: float = PATIENCE, what: str = "the condition") -> T:
    """Return the first truthy value of ``condition``, asked every 10 ms. Raises AssertionError after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds:g} s")
        time.sleep(0.01)
    return value
