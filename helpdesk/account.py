"""The unprivileged system account that PostgreSQL runs as when root starts Temas."""

import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

NAME = "temas"
HOME = "/nonexistent"
MAKERS = (
    ("useradd", "--system", "--user-group", "--home-dir", HOME, "--no-create-home", "--shell", "/usr/sbin/nologin"),
    ("adduser", "-S", "-D", "-H", "-h", HOME, "-s", "/sbin/nologin"),  # BusyBox
)


@dataclass(frozen=True)
class Account:
    """A system account."""

    name: str
    uid: int
    gid: int

    @classmethod
    def owner_of(cls, path: Path) -> Self:
        """Return the account that owns `path`; raises KeyError when it has no name (PostgreSQL needs one)."""
        return cls._from(pwd.getpwuid(path.stat().st_uid))

    @classmethod
    def for_servers(cls) -> Self:
        """Return the account `temas`, or `nobody` as long as there is none."""
        for name in (NAME, "nobody"):
            try:
                return cls._from(pwd.getpwnam(name))
            except KeyError:
                continue
        raise KeyError(NAME)

    @classmethod
    def _from(cls, entry: pwd.struct_passwd) -> Self:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)


def make_account() -> bool:
    """Make the system account `temas` unless it exists; return whether it exists now. Needs root."""
    for maker in MAKERS:
        if _exists():
            return True
        if shutil.which(maker[0]):
            subprocess.run([*maker, NAME], check=False, capture_output=True)  # nobody serves where this fails
    return _exists()


def _exists() -> bool:
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        return False
    return True
