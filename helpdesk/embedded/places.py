"""Where the servers that Temas starts itself keep their files, and as whom they run."""

import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from helpdesk.account import Account
from helpdesk.environment import StartError

SOCKET_LIMIT = 100  # a Unix socket's path: 107 bytes on Linux, 103 elsewhere


@dataclass(frozen=True)
class Places:
    """The folders of one installation's embedded servers."""

    data: Path  # of the installation: logs, secrets, Redis
    cluster: Path  # PostgreSQL's data
    postgres_sockets: Path
    redis_sockets: Path
    account: Account | None  # as whom PostgreSQL runs; None = as we do
    system: Path | None  # when root made the cluster: the folder that `account` can enter

    @classmethod
    def of(cls, data: Path, system_data: Path) -> Self:
        """Find the places for `data`, changing nothing.

        PostgreSQL refuses to run as root, so for root it runs as another account, below `system_data`; unless an
        ordinary user made the cluster, who then keeps it.
        """
        sockets, inside = _socket_folder(data), data / "postgres"
        if os.geteuid() != 0:
            return cls(data, inside, sockets, sockets, None, None)
        if (inside / "PG_VERSION").exists():
            return cls(data, inside, sockets, sockets, Account.owner_of(inside), None)
        system = system_data / _slug(data)
        cluster = system / "postgres"
        account = Account.owner_of(cluster) if cluster.exists() else Account.for_servers()
        return cls(data, cluster, system / "run", sockets, account, system)

    @property
    def postgres_socket(self) -> Path:
        """PostgreSQL's socket, named as the server names it."""
        return self.postgres_sockets / ".s.PGSQL.5432"

    @property
    def redis_socket(self) -> Path:
        """Redis's socket."""
        return self.redis_sockets / "redis.sock"

    @property
    def password_file(self) -> Path:
        """The file with the password of PostgreSQL's only role."""
        return self.data / "postgres_password"

    def prepare(self) -> None:
        """Make what is missing, private to whom it belongs. Raises OSError or StartError."""
        if self.system and self.account:
            self.system.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            private_folder(self.system, self.account)
            check_reachable(self.system, self.account)
        private_folder(self.postgres_sockets, self.account)
        private_folder(self.redis_sockets, None if self.system else self.account)
        private_folder(self.data / "redis", None)


def private_folder(folder: Path, account: Account | None) -> None:
    """Make `folder` with mode 0700 for `account` (None = us); one that exists must be theirs and is left as it is."""
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
            raise StartError(
                f"{folder} belongs to somebody else, so Temas does not use it; remove it or choose another data folder."
            ) from None


def check_reachable(folder: Path, account: Account) -> None:
    """Raise StartError when `account` may not pass through a parent of `folder` (permissions are never loosened)."""
    for parent in folder.parents:
        found = parent.stat()
        mine = found.st_uid == account.uid and found.st_mode & stat.S_IXUSR
        if not mine and not found.st_mode & stat.S_IXOTH:
            raise StartError(
                f"PostgreSQL cannot run as root, and the user {account.name} cannot enter {parent}; "
                "name a folder that others can pass through with TEMAS_SYSTEM_DATA."
            )


def _slug(data: Path) -> str:
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    name = re.sub(r"[^A-Za-z0-9]+", "-", data.parent.name).strip("-")[:20]
    return f"{name}-{digest}" if name else digest


def _socket_folder(data: Path) -> Path:
    folder = data / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) <= SOCKET_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"temas-{digest}"
