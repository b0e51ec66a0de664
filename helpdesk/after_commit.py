"""Work that must wait until the transaction is really committed: hints to workers and screens.

Payloads are built before the commit, because no SQL may run in the hook. The work is a hint: sweepers repair what a
crash between the commit and the hook loses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.extensions import db

_KEY = "temas_after_commit"


def after_commit(work: Callable[[], None]) -> None:
    """Run ``work`` once the current transaction has been committed; forget it when it is rolled back."""
    db.session().info.setdefault(_KEY, []).append(work)


def install(session_class: type[Session]) -> None:
    """Listen to the sessions of this class. Called once, when the application is made."""
    if not event.contains(session_class, "after_commit", _run):
        event.listen(session_class, "after_commit", _run)
        event.listen(session_class, "after_rollback", _forget)


def _run(session: Any) -> None:
    if session.in_nested_transaction():  # also fires when a SAVEPOINT is released
        return
    for work in session.info.pop(_KEY, []):
        work()


def _forget(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_KEY, None)
