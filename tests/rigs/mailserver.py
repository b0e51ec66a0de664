"""A real mail server for tests and benchmarks: Dovecot for IMAP and Exim for SMTP on free ports of 127.0.0.1.

    with MailServer() as server:
        server.append("support@example.com", b"From: ...")
        server.mails("someone@customer.example")

Any user may log in with ``server.password``. Mail to an address arrives in that address's own mailbox, plus-addresses
included (``support+tag@`` → ``support@``). ``busy@`` answers 451, ``gone@`` 550, ``bounce@`` sends back a genuine DSN,
and the sender ``refused@`` may not send.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from imapclient import IMAPClient

from tests.rigs.certificates import Certificates
from tests.rigs.maildir import Maildirs
from tests.rigs.ports import free_ports
from tests.rigs.process import Server
from tests.rigs.wait import until

TEMPLATES = Path(__file__).parent / "mail"
DOVECOT, EXIM, USER = "dovecot", "exim4", "Debian-exim"


def missing() -> str:
    """Why the server cannot run on this machine, or an empty string."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    if not shutil.which(DOVECOT, path=path) or not shutil.which(EXIM, path=path):
        return "Dovecot and Exim are needed: apt-get install dovecot-imapd exim4-daemon-light"
    if os.geteuid() != 0:
        return "Dovecot and Exim can be started by root only"
    version = subprocess.run([shutil.which(DOVECOT, path=path) or DOVECOT, "--version"], capture_output=True, text=True)
    return "" if version.stdout.startswith("2.3") else f"Dovecot 2.3 is needed, not {version.stdout.strip()}"


class MailServer:
    """Dovecot and Exim over one folder; ``dovecot`` and ``exim`` may be stopped, killed and started again by tests."""

    password = "pw"

    def __init__(
        self,
        folder: Path | None = None,
        *,
        certificate: str = "good",
        size_limit: str = "50M",
        introspection_url: str = "",
        mechanisms: str = "xoauth2 oauthbearer",
    ) -> None:
        """``folder`` must be open to the user Debian-exim; without one, a folder in /tmp is made and removed.

        ``introspection_url``: where access tokens are looked up (RFC 7662), which ``mechanisms`` then present.
        """
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="temas-mail-"))
        self.imap_port, self.imaps_port, self.smtp_port, self.smtps_port = free_ports(4)
        self.certificates = Certificates(self.folder / "tls")
        self._values = {
            "DIR": str(self.folder),
            "CERTIFICATE": str(getattr(self.certificates, certificate)),
            "PASSWORD": self.password,
            "SIZE_LIMIT": size_limit,
            "MECHANISMS": f"plain login {mechanisms if introspection_url else ''}",
            "INTROSPECTION_URL": introspection_url or "http://127.0.0.1:1/",
            "COMMON": Maildirs.COMMON,
            **{name.upper(): str(port) for name, port in vars(self).items() if name.endswith("_port")},
        }
        self._lay_out()
        self.maildirs = Maildirs(self.folder / "mail", USER)
        self._configure("dovecot-oauth2.conf")
        self.dovecot = Server(
            ["/usr/sbin/dovecot", "-F", "-c", self._configure("dovecot.conf")], [self.imap_port, self.imaps_port]
        )
        self.exim = Server(
            ["/usr/sbin/exim4", "-C", self._configure("exim.conf"), "-bdf", "-q1m"], [self.smtp_port, self.smtps_port]
        )

    @property
    def ca_file(self) -> Path:
        """The authority that signed this server's certificate; tests put it into SSL_CERT_FILE."""
        return self.certificates.authority

    def start(self) -> None:
        """Start both; a failure of the second stops the first."""
        try:
            self.dovecot.start()
            self.exim.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both, and remove the folder if it was made here."""
        self.exim.stop()
        self.dovecot.stop()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> MailServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def settings(self, address: str, security: str = "none", **changes: str) -> dict[str, str]:
        """Settings of an inbox of this server; ``security`` is none, starttls or ssl. Makes the mailbox."""
        self.maildirs.make(address)
        own = security == "ssl"
        return {
            "imap_host": "localhost",
            "imap_port": str(self.imaps_port if own else self.imap_port),
            "imap_security": security,
            "imap_user": address,
            "imap_password": self.password,
            "imap_folder": "INBOX",
            "smtp_host": "localhost",
            "smtp_port": str(self.smtps_port if own else self.smtp_port),
            "smtp_security": security,
            "smtp_user": address,
            "smtp_password": self.password,
            **changes,
        }

    def client(self, user: str) -> IMAPClient:
        """A logged-in IMAP connection of our own; the caller closes it."""
        client = IMAPClient("127.0.0.1", self.imap_port, ssl=False, timeout=30)
        client.login(user, self.password)
        return client

    def append(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put raw mails into a user's mailbox through IMAP, in this order, as another mail program would."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail)

    def mails(self, user: str) -> list[bytes]:
        """Raw mails that arrived for an address, oldest first, read or not."""
        return self.maildirs.mails(user)

    def wait_for_mails(self, user: str, count: int = 1) -> list[bytes]:
        """The mails of an address as soon as there are ``count`` of them."""
        return until(
            lambda: found if len(found := self.mails(user)) >= count else None,
            what=f"{count} mails for {user}",
        )

    def wait_until_delivered(self) -> None:
        """Wait until every mail that Exim has accepted lies in its mailbox."""
        waiting = self.folder / "exim" / "spool" / "input"
        until(lambda: not list(waiting.glob("**/*-H")), what="the last mail's delivery")

    def _lay_out(self) -> None:
        self.folder.chmod(0o755)
        for name in ("dovecot/run", "dovecot/state", "mail", "exim/spool", "exim/log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("mail", "exim/spool", "exim/log"):
            shutil.chown(self.folder / name, USER, USER)
        self.certificates.readable_by(USER)

    def _configure(self, name: str) -> str:
        text = (TEMPLATES / f"{name}.in").read_text()
        for key, value in self._values.items():
            text = text.replace(f"@{key}@", value)
        path = self.folder / name
        path.write_text(text)
        return str(path)
