"""A strict provider of OAuth 2.0 for tests: checks client, PKCE and redirect URI; rotates and remembers refresh tokens.

    with OAuthServer() as server:
        server.settings()           # of an email inbox
        server.consent(url)         # what the owner's browser brings back

Codes are good once. A refresh token that was rotated away ends the whole grant when it is used (RFC 9700 §4.14.2).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

CLIENT_ID, CLIENT_SECRET = "temas-client", "only the client knows"


@dataclass
class _Grant:
    account: str
    access: str = ""
    until: float = 0.0
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    revoked: bool = False


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        return None


class OAuthServer:
    """One provider. Tests change ``account``, ``seconds``, ``error`` and ``down``, and read ``refreshes`` and ``asked``."""

    def __init__(self) -> None:
        self.account = "destek@lodosev.example"
        self.seconds = 3600
        self.refresh_seconds: int | None = None
        self.error: tuple[str, str] | None = None  # what the consent page answers
        self.down = False
        self.slow = 0.0
        self.refreshes = 0
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._grants: list[_Grant] = []
        self._lock = threading.Lock()
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> OAuthServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def introspection_url(self) -> str:
        return f"{self.url}/introspect"

    def settings(self, **changes: str) -> dict[str, str]:
        """The sign-in settings of an inbox that this provider lets in."""
        return {
            "auth": "oauth",
            "oauth_client_id": CLIENT_ID,
            "oauth_client_secret": CLIENT_SECRET,
            "oauth_authorize_url": f"{self.url}/authorize",
            "oauth_token_url": f"{self.url}/token",
            "oauth_scopes": "mail openid",
            **changes,
        }

    def consent(self, url: str) -> str:
        """What the browser brings back after the consent page at ``url``: the query of the redirect URI."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256" and len(asked["state"]) > 20
        self.asked.append(asked)
        if self.error:
            return urlencode({"error": self.error[0], "error_description": self.error[1], "state": asked["state"]})
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "account": self.account}
        return urlencode({"code": code, "state": asked["state"]})

    def issue(self) -> str:
        """An access token of the account, as if it had consented."""
        self._grants.append(_Grant(self.account))
        self._issue(self._grants[-1])
        return self._grants[-1].access

    def expire(self) -> None:
        """End every access token now."""
        for grant in self._grants:
            grant.until = 0.0

    def revoke(self) -> None:
        """Take every consent back."""
        for grant in self._grants:
            grant.revoked, grant.until = True, 0.0

    def account_of(self, token: str) -> str:
        """Whose access token this is; empty when it is not good (any more)."""
        good = (one for one in self._grants if one.access == token and not one.revoked and one.until > time.time())
        return next((grant.account for grant in good), "")

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        if request.path == "/introspect":
            account = self.account_of(request.form.get("token", ""))
            body: dict[str, Any] = {"active": True, "username": account, "scope": "mail"} if account else {"active": False}
            return _json(body)(environ, start_response)
        if request.path == "/authorize":
            page = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><h1>Consent?</h1></html>'
            return Response(page, content_type="text/html")(environ, start_response)
        if self.down:
            return _json({"error": "temporarily_unavailable"}, 503)(environ, start_response)
        time.sleep(self.slow)
        with self._lock:
            return self._token(request)(environ, start_response)

    def _token(self, request: Request) -> Response:
        form = request.form
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _json({"error": "invalid_client", "error_description": "no such client"}, 401)
        if form["grant_type"] == "authorization_code":
            return self._first(request)
        grant = next((one for one in self._grants if form["refresh_token"] in {one.refresh, *one.spent}), None)
        if grant is None or grant.revoked or form["refresh_token"] in grant.spent:
            if grant is not None:
                grant.revoked, grant.until = True, 0.0
            return _json({"error": "invalid_grant", "error_description": "AADSTS700082: expired or used before"}, 400)
        self.refreshes += 1
        grant.spent.add(grant.refresh)
        return self._issue(grant)

    def _first(self, request: Request) -> Response:
        form = request.form
        asked = self._codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return _json({"error": "invalid_grant", "error_description": "unknown code"}, 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return _json({"error": "invalid_grant", "error_description": "PKCE verification failed"}, 400)
        grant = _Grant(asked["account"])
        self._grants.append(grant)
        return self._issue(grant)

    def _issue(self, grant: _Grant) -> Response:
        grant.access, grant.refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        grant.until = time.time() + self.seconds
        claims = base64.urlsafe_b64encode(json.dumps({"email": grant.account}).encode()).rstrip(b"=").decode()
        body = {
            "access_token": grant.access,
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "refresh_token": grant.refresh,
            "id_token": f"e30.{claims}.",
        }
        return _json(body | ({"refresh_token_expires_in": self.refresh_seconds} if self.refresh_seconds else {}))


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
