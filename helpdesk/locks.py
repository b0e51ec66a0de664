"""Leases that end with their holder: PostgreSQL advisory locks on a connection of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from sqlalchemy import text

from helpdesk.extensions import db


class Lock(IntEnum):
    """The first key of a lock: what it is about. The second is a row's id."""

    RECEIVE = 1  # interpreting the ledger of one inbox, in order
    LISTEN = 2  # listening to one inbox
    DELIVER = 3  # sending one delivery
    IDEMPOTENT = 4  # carrying out one request of a program that may send it again
    LEDGER = 5  # sorting what one inbox has already from what is new
    RECONCILE = 6  # comparing one inbox with its server


@contextmanager
def lease(lock: Lock, key: int) -> Iterator[bool]:
    """Hold the lock for the length of the block if nobody else does; yields whether it is ours.

    The lock belongs to a connection that only this block uses, so that it ends at once when the process dies.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = bool(connection.execute(_TRY, {"lock": int(lock), "key": _fold(key)}).scalar())
        try:
            yield ours
        finally:
            if ours:
                connection.execute(_RELEASE, {"lock": int(lock), "key": _fold(key)})


def until_commit(lock: Lock, key: int) -> None:
    """Wait for the lock and hold it until the current transaction ends."""
    db.session.execute(_TAKE, {"lock": int(lock), "key": _fold(key)})


def _fold(key: int) -> int:
    """Bring a bigint into the signed 32 bits that a two-part lock has; a clash only delays."""
    return (key & 0xFFFFFFFF) - 0x80000000


_TRY = text("select pg_try_advisory_lock(:lock, :key)")
_TAKE = text("select pg_advisory_xact_lock(:lock, :key)")
_RELEASE = text("select pg_advisory_unlock(:lock, :key)")
