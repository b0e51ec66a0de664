"""Waiting for the server to speak: IMAP IDLE (RFC 2177), or NOOP now and then where there is no IDLE.

IMAPClient's own ``idle_check`` polls the socket only. A line that came together with the one before it lies in the
reader's buffer by then and would wait for the next to arrive, and after BYE or EOF it returns nothing for ever.
"""

from __future__ import annotations

import ipaddress
import select
import time

from imapclient import IMAPClient

from channels.failures import TemporaryFailure

REISSUE_SECONDS = 540  # servers may log out after 30 minutes, middleboxes forget sooner
NOOP_SECONDS = 15
GLANCE_SECONDS = 0.1


class Idle:
    """The waiting state of one connection with a folder selected; raises what the socket and IMAPClient raise."""

    def __init__(self, client: IMAPClient) -> None:
        self._client, self._imap = client, client._imap
        self._supported = bool(client.has_capability("IDLE"))
        self._since: float | None = None
        self._announced = False
        self._asked = time.monotonic()
        self._reissue = GLANCE_SECONDS if _announces_late_nearby(client) else REISSUE_SECONDS

    def refresh(self) -> None:
        """Leave IDLE and make sure that the next search sees everything that is in the folder by now.

        A server shows a session new mail only once it has announced it; what is announced from here on is news.
        """
        self.end()
        if not self._announced and not self._told():
            self._client.noop()
        self._announced = False
        self._imap.response("EXISTS")

    def wait(self, seconds: float) -> bool:
        """True as soon as the server speaks of new mail, False after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not self._told():
            left = deadline - time.monotonic()
            self._begin()
            if self._told() or self._read(max(0.0, min(left, self._patience()))):
                return True
            if left <= 0:
                return self._told()
        return True

    def end(self) -> None:
        """Leave IDLE so that commands may be sent; news that come meanwhile are kept for the next ``wait``."""
        if self._since is not None:
            self._since = None
            self._client.idle_done()

    def _told(self) -> bool:
        """Whether an answer to an earlier command spoke of new mail: IDLE does not say it again."""
        return self._imap.untagged_responses.get("EXISTS") is not None

    def _begin(self) -> None:
        if self._supported:
            if self._since is not None and time.monotonic() - self._since > self._reissue:
                self.end()
                if self._told():
                    return
            if self._since is None:
                self._enter()
        elif time.monotonic() - self._asked >= NOOP_SECONDS:
            self._client.noop()
            self._asked = time.monotonic()

    def _enter(self) -> None:
        """Ask for IDLE. What the server says before its go-ahead may be news; one that refuses is asked with NOOP."""
        tag = self._client._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands[tag]:
                self._imap.tagged_commands.pop(tag)
                self._supported = False
                return
        self._since = time.monotonic()

    def _patience(self) -> float:
        """Seconds until something must be sent again."""
        if self._since is not None:
            return max(0.01, self._since + self._reissue - time.monotonic() + 0.01)
        return max(0.1, self._asked + NOOP_SECONDS - time.monotonic())

    def _read(self, seconds: float) -> bool:
        """Read the lines that come within ``seconds``, up to the first that speaks of new mail."""
        while self._readable(seconds):
            seconds = 0
            line = bytes(self._imap._get_line()).upper()
            if line.startswith(b"* BYE"):
                raise TemporaryFailure("unreachable", line.decode("ascii", "replace"), whole_inbox=True)
            if not line.startswith((b"* ", b"+")):
                self._since = None  # the server ended IDLE by itself
                return True
            if line.endswith((b" EXISTS", b" RECENT")):
                self._announced = True
                return True
        return False

    def _readable(self, seconds: float) -> bool:
        if self._buffered():
            return True
        poller = select.poll()
        poller.register(self._client.socket().fileno(), select.POLLIN)
        return bool(poller.poll(seconds * 1000))

    def _buffered(self) -> bool:
        """Whether bytes were read from the socket, or decrypted, but not yet taken."""
        sock = self._client.socket()
        patience = sock.gettimeout()
        sock.settimeout(0)
        try:
            reader = getattr(self._imap, "_file", None) or self._imap.file  # renamed within Python 3
            return bool(reader.peek(1))
        finally:
            sock.settimeout(patience)


def _announces_late_nearby(client: IMAPClient) -> bool:
    """Dovecot holds every announcement back for half a second (NOTIFY_DELAY_MSECS), yet tells at once when IDLE is begun.

    On our own machine or network, beginning it ten times a second costs nothing and shows mail that much sooner.
    """
    peer = client.socket().getpeername()[0]
    return b"dovecot" in client.welcome.lower() and ipaddress.ip_address(peer.partition("%")[0]).is_private
