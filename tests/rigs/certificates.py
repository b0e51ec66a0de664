"""Certificates made for one test run: a good one, an expired one, one for another name."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Certificates:
    """A certificate authority of its own and what it signed; each certificate is one PEM file with its key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        authority = trustme.CA()
        self.authority = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        past = datetime.now(UTC) - timedelta(days=1)
        self.good = self._write(folder / "good.pem", authority.issue_cert("localhost", "127.0.0.1"))
        self.expired = self._write(folder / "expired.pem", authority.issue_cert("localhost", "127.0.0.1", not_after=past))
        self.wrong_name = self._write(folder / "wrong-name.pem", authority.issue_cert("mail.elsewhere.example"))
        self.unknown_issuer = self._write(folder / "unknown-issuer.pem", trustme.CA().issue_cert("localhost", "127.0.0.1"))

    def readable_by(self, user: str) -> None:
        """Let a server that gave up root read the keys."""
        for path in (self.good, self.expired, self.wrong_name, self.unknown_issuer):
            shutil.chown(path, user)

    @staticmethod
    def _write(path: Path, certificate: trustme.LeafCert) -> Path:
        path.write_bytes(certificate.private_key_and_cert_chain_pem.bytes())
        return path
