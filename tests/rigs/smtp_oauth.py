"""An SMTP server that lets people in by access tokens only (RFC 4954, RFC 7628), and keeps what they send."""

from __future__ import annotations

import base64
import json
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.rigs.oauth_server import OAuthServer
from tests.rigs.ports import free_ports


class TokenSmtp:
    """``mechanism`` is XOAUTH2 or OAUTHBEARER. ``mails`` are (signed in as, raw mail); ``refused`` counts refusals."""

    def __init__(self, provider: OAuthServer, mechanism: str = "XOAUTH2") -> None:
        self.provider, self.refused = provider, 0
        self.mails: list[tuple[str, bytes]] = []
        self.port = free_ports(1)[0]
        setattr(self, f"auth_{mechanism}", self._auth)
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
        )

    def __enter__(self) -> TokenSmtp:
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()

    def settings(self) -> dict[str, str]:
        return {"smtp_host": "127.0.0.1", "smtp_port": str(self.port), "smtp_security": "none", "smtp_user": ""}

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append((str(session.auth_data), bytes(envelope.original_content or b"")))
        return "250 2.0.0 kept"

    async def _auth(self, server: SMTP, args: list[str]) -> Any:
        said = await server.challenge_auth("") if len(args) < 2 else _decoded(args[1])
        parts = (said if isinstance(said, bytes) else b"").split(b"\x01")
        user = parts[0].removeprefix(b"user=").removeprefix(b"n,a=").rstrip(b",").decode()
        token = next(
            (part.removeprefix(b"auth=Bearer ") for part in parts if part.startswith(b"auth=Bearer ")), b""
        ).decode()
        if token and self.provider.account_of(token) == user:
            return AuthResult(success=True, auth_data=user)
        self.refused += 1
        farewell = await server.challenge_auth(json.dumps({"status": "401", "schemes": "bearer"}))
        assert farewell in (b"", b"\x01"), farewell
        return AuthResult(success=False, handled=False)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text)
