"""Work that must wait until the transaction is really committed: hints to workers and screens.

Payloads are built before the commit, because no SQL may run in the hook. The work is a hint: sweepers repair what a
crash between the commit and the hook loses.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import event

from helpdesk.extensions import db

_KEY = "temas_after_commit"


def after_commit(work: Callable[[], None], *, key: Hashable | None = None) -> None:
    """Run ``work`` once the current transaction has been committed; forget it when it is rolled back.

    Of works with the same ``key`` only the first counts.
    """
    session = db.session()
    if not session.in_transaction():
        session.begin()
    waiting: dict[Hashable, Callable[[], None]] = session.info.setdefault(_KEY, {})
    waiting.setdefault(object() if key is None else key, work)


def has_work(key: Hashable) -> bool:
    """Whether the current transaction has work with this key."""
    return key in db.session().info.get(_KEY, {})


def install(session_class: Any) -> None:
    """Listen to the sessions of this class. Called once, when the application is made."""
    if not event.contains(session_class, "after_commit", _run):
        event.listen(session_class, "after_commit", _run)
        event.listen(session_class, "after_transaction_end", _forget)


def _run(session: Any) -> None:
    if session.in_nested_transaction():  # also fires when a SAVEPOINT is released
        return
    for work in session.info.pop(_KEY, {}).values():
        work()


def _forget(session: Any, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_KEY, None)
