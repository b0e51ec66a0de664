"""OAuth 2.0 with a provider: authorisation code with PKCE, and refreshing (RFC 6749, 7636; RFC 9700 for what is safe)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from channels.consent import Tokens
from channels.failures import ProblemCode, TemporaryFailure

SECONDS = 20
DEFAULT_SECONDS = 3600.0  # a provider may leave out how long a token is good (RFC 6749 §5.1)
NAMES = ("email", "preferred_username", "upn")
Judge = Callable[[str, str], ProblemCode | None]


@dataclass(frozen=True, slots=True)
class OAuthConsent:
    """A provider and our registration with him. ``judge`` reads what only he says: (error, description) → problem."""

    provider: str
    account: str
    binding: str
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    client_id: str
    client_secret: str = field(repr=False)
    extra: Mapping[str, str] = field(default_factory=dict)
    idle_seconds: float | None = None
    judge: Judge = lambda _error, _description: None

    def url(self, redirect_uri: str, state: str, verifier: str) -> str:
        self._usable()
        url, _state = self._session().create_authorization_url(
            self.authorize_url,
            state=state,
            code_verifier=verifier,
            redirect_uri=redirect_uri,
            login_hint=self.account or None,
            **self.extra,
        )
        return str(url)

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> Tokens:
        return self._ask(
            lambda session: session.fetch_token(
                self.token_url,
                grant_type="authorization_code",
                code=code,
                redirect_uri=redirect_uri,
                code_verifier=verifier,
                timeout=SECONDS,
                allow_redirects=False,
            )
        )

    def refresh(self, token: str) -> Tokens:
        return self._ask(
            lambda session: session.refresh_token(
                self.token_url, refresh_token=token, timeout=SECONDS, allow_redirects=False
            )
        )

    def refused(self, error: str, description: str) -> TemporaryFailure:
        """A provider's refusal (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6) as a failure."""
        code = self.judge(error, description) or PROBLEMS.get(error, "rejected")
        said = " ".join(f"{error}: {description}".split()).rstrip(": ")[:500]
        return TemporaryFailure(code, said, whole_inbox=True)

    def _session(self) -> Any:
        from authlib.integrations.requests_client import OAuth2Session  # 10 MB that most processes never need

        return OAuth2Session(
            self.client_id,
            self.client_secret or None,
            scope=" ".join(self.scopes),
            token_endpoint_auth_method="client_secret_post" if self.client_secret else "none",
            code_challenge_method="S256",
        )

    def _ask(self, request: Callable[[Any], Mapping[str, Any]]) -> Tokens:
        self._usable()
        from authlib.common.errors import AuthlibBaseError
        from requests import RequestException

        try:
            with self._session() as session:
                return self._tokens(request(session))
        except AuthlibBaseError as error:
            raise self.refused(str(error.error or ""), str(error.description or "")) from error
        except RequestException as error:
            raise TemporaryFailure(_network(error), type(error).__name__, whole_inbox=True) from error
        except (ValueError, TypeError, KeyError) as error:
            raise TemporaryFailure("protocol", "no tokens in the provider's answer", whole_inbox=True) from error

    def _tokens(self, answer: Mapping[str, Any]) -> Tokens:
        return Tokens(
            str(answer["access_token"]),
            float(answer.get("expires_in") or DEFAULT_SECONDS),
            str(answer.get("refresh_token") or ""),
            float(given) if (given := answer.get("refresh_token_expires_in")) else None,
            self.idle_seconds,
            _accounts(str(answer.get("id_token") or "")),
        )

    def _usable(self) -> None:
        if not self.client_id:
            raise TemporaryFailure("settings", "oauth_client_id is missing", whole_inbox=True)
        for name, url in (("authorize", self.authorize_url), ("token", self.token_url)):
            if not _is_safe(url):
                raise TemporaryFailure("settings", f"oauth_{name}_url must begin with https://", whole_inbox=True)


PROBLEMS: dict[str, ProblemCode] = {
    "access_denied": "denied",
    "consent_required": "consent",
    "interaction_required": "consent",
    "invalid_client": "client",
    "invalid_grant": "consent",
    "login_required": "consent",
    "server_error": "busy",
    "temporarily_unavailable": "busy",
    "unauthorized_client": "client",
}


def _is_safe(url: str) -> bool:
    """Whether secrets may be sent there: over TLS, or without leaving this machine."""
    try:
        parts = urlsplit(url)
        local = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _network(error: Exception) -> ProblemCode:
    from requests import HTTPError, Timeout
    from requests.exceptions import SSLError

    match error:
        case Timeout():
            return "timeout"
        case SSLError():
            return "tls"
        case HTTPError():
            return "busy"
    return "unreachable"


def _accounts(id_token: str) -> tuple[str, ...]:
    """Whose consent it is. The token came straight from the provider over TLS: that proves it (OpenID Connect §3.1.3.7)."""
    part = id_token.split(".")[1] if id_token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) if part else {}
    except (ValueError, binascii.Error):
        return ()
    names = [str(claims[name]) for name in NAMES if claims.get(name)] if isinstance(claims, dict) else []
    return tuple(dict.fromkeys(names))
