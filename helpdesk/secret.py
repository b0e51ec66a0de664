"""Secrets that an installation makes for itself and keeps in its data folder, readable by nobody else."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


class EmptySecretError(Exception):
    """The file is there but holds nothing: it was damaged, and a new secret would make what it protects unreadable."""


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, first making it (256 bits, mode 0600) when there is no such file.

    Two processes that start at once agree on one value. Raises EmptySecretError, or OSError when the folder cannot be
    written.
    """
    if not path.exists():
        _make(path)
    kept = path.read_text().strip()
    if not kept:
        raise EmptySecretError
    return kept


def keep_secret(path: Path, secret: str) -> None:
    """Put another secret into `path`; the one before stays beside it as `secret_key.before`. Raises OSError."""
    if path.exists():
        path.replace(path.with_name(f"{path.name}.before"))
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first; its value counts
            path.hardlink_to(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)
