"""One owner of a data folder at a time: the one who runs the embedded servers."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass
class DataLock:
    """A lock that the kernel releases when its owner dies; the file tells who that is."""

    descriptor: int
    after_crash: bool  # the previous owner did not say goodbye, so its children may still be ending

    @classmethod
    def take(cls, data: Path, owner: str) -> Self | None:
        """Lock the folder for us (`owner` says what we are), or return None when somebody else has it."""
        descriptor = os.open(data / "owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        after_crash = os.fstat(descriptor).st_size > 0
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{owner} {os.getpid()}\n".encode(), 0)
        return cls(descriptor, after_crash)

    def release(self) -> None:
        """Say goodbye, so that the next owner knows that nothing was left behind."""
        os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)


def owner_of(data: Path) -> tuple[str, int] | None:
    """Return who has the folder: what it is, and its process id."""
    try:
        owner, pid = (data / "owner").read_text().rsplit(maxsplit=1)
        return owner, int(pid)
    except (OSError, ValueError):
        return None
