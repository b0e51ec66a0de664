"""The one source of the current instant, so that tests can freeze it and the demo can tell what happened before."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_past: ContextVar[datetime | None] = ContextVar("past", default=None)


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return _past.get() or datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Within the block, and in this thread only, it is this instant: for writing down what happened before."""
    token = _past.set(instant)
    try:
        yield
    finally:
        _past.reset(token)
