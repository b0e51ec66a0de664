"""Passwords of agents: argon2id, and rehashed when the library's recommended cost rises."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM = 10  # characters; NIST SP 800-63B asks for length, not for kinds of characters

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether it is the password; takes as long when there is none to compare with, so that accounts stay unknown."""
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made at a lower cost than is recommended today."""
    return _hasher.check_needs_rehash(stored)
