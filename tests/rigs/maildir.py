"""The mailboxes behind the test mail server, seen from the disk: one maildir per address."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path


class Maildirs:
    """Maildirs under one folder. Mail for addresses without one lands in the common one, marked with Envelope-to."""

    COMMON = "everybody.else"

    def __init__(self, folder: Path, owner: str) -> None:
        self.folder, self.owner = folder, owner

    def make(self, user: str) -> Path:
        """The maildir of an address, made if missing."""
        maildir = self.folder / user.lower()
        for path in (maildir, *(maildir / part for part in ("new", "cur", "tmp"))):
            if not path.exists():
                path.mkdir()
                shutil.chown(path, self.owner, self.owner)
        return maildir

    def mails(self, user: str) -> list[bytes]:
        """Raw mails for an address, oldest first, with CRLF as IMAP shows them."""
        own = self._read(self.folder / user.lower())
        wanted = re.compile(rb"^Envelope-to:.*?\b" + re.escape(user.encode()) + rb"\s*$", re.MULTILINE | re.IGNORECASE)
        common = [mail for mail in self._read(self.folder / self.COMMON) if wanted.search(mail[:2000])]
        return [re.sub(rb"\r?\n", b"\r\n", mail) for mail in common + own]

    def reset_uids(self, user: str) -> None:
        """Make Dovecot number the mailbox anew, with another UIDVALIDITY, as after a restore from backup."""
        for path in self.folder.joinpath(user.lower()).glob("dovecot*"):
            if not path.name.startswith("dovecot-uidvalidity"):  # kept, so that the next one is higher for certain
                path.unlink()

    def snapshot(self, user: str) -> Path:
        """A backup of the mailbox as it is now, indexes included."""
        copy = self.folder / f"{user.lower()}.backup"
        subprocess.run(["cp", "-a", self.folder / user.lower(), copy], check=True)
        return copy

    def restore(self, user: str, backup: Path) -> None:
        """Put a backup in the mailbox's place, while the server is down."""
        shutil.rmtree(self.folder / user.lower())
        backup.rename(self.folder / user.lower())

    @staticmethod
    def _read(maildir: Path) -> list[bytes]:
        paths = [path for part in ("new", "cur") for path in maildir.glob(f"{part}/*")]
        return [path.read_bytes() for path in sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))]
