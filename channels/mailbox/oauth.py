"""Consent to a mailbox: Microsoft 365, Google, or any provider of OAuth 2.0, and signing in with its tokens.

Sources: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth"; Google, "OAuth 2.0 Mechanism" (XOAUTH2);
RFC 7628 (OAUTHBEARER).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping

from channels.failures import ProblemCode
from channels.oauth import OAuthConsent

MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
"""In the order in which they are tried: the first is what the large providers document, the second is the standard."""
MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
MICROSOFT_SCOPES = (
    "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access",
    "openid", "email", "profile",
)  # fmt: skip
MICROSOFT_IDLE = 90 * 86_400.0
GOOGLE_SCOPES = ("https://mail.google.com/", "openid", "email")
TENANT = re.compile(r"[A-Za-z0-9.-]{1,100}")
BOUND = (
    "auth", "oauth_client_id", "oauth_tenant", "oauth_authorize_url", "oauth_token_url", "oauth_scopes", "oauth_account",
    "imap_host", "imap_security", "imap_user", "smtp_host", "smtp_security", "smtp_user",
)  # fmt: skip
AADSTS = re.compile(r"AADSTS(\d+)")
MICROSOFT_PROBLEMS: dict[str, ProblemCode] = {
    "65004": "denied",
    "65001": "consent",
    "90094": "admin_consent",
    "900941": "admin_consent",
    "90093": "admin_consent",
    "50020": "tenant",
    "50194": "tenant",
    "90002": "tenant",
    "900023": "tenant",
    "700016": "client",
    "7000215": "client",
    "7000222": "client",
    "50011": "redirect",
    "500113": "redirect",
}


def consent(address: str, values: Mapping[str, str]) -> OAuthConsent | None:
    """The way to the mailbox owner's consent; None where a password is used."""
    kind = values.get("auth", "")
    if kind not in ("microsoft", "google", "oauth"):
        return None
    provider, authorize, token, scopes, extra, idle = _provider(kind, values)
    return OAuthConsent(
        provider=provider,
        account=values.get("oauth_account", "").strip() or values.get("imap_user", "").strip() or address,
        binding=_binding(address, values),
        authorize_url=authorize,
        token_url=token,
        scopes=scopes,
        client_id=values.get("oauth_client_id", "").strip(),
        client_secret=values.get("oauth_client_secret", ""),
        extra=extra,
        idle_seconds=idle,
        judge=_judge,
    )


def mechanism(offered: Collection[str]) -> str | None:
    """The best way to sign in with a token that the server offers (names of SASL mechanisms in capitals)."""
    return next((name for name in MECHANISMS if name in offered), None)


def credentials(name: str, user: str, token: str) -> str:
    """The first thing said in this SASL mechanism (RFC 7628 §3.1)."""
    if name == "OAUTHBEARER":
        return f"n,a={user.replace('=', '=3D').replace(',', '=2C')},\x01auth=Bearer {token}\x01\x01"
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def farewell(name: str) -> str:
    """What a refused client answers, so that the server ends the exchange (RFC 7628 §3.2.3)."""
    return "\x01" if name == "OAUTHBEARER" else ""


def refusal(challenge: bytes) -> str:
    """The server's reason within a challenge, where it gives one: a small JSON object."""
    try:
        said = json.loads(challenge)
    except ValueError:
        return ""
    return " ".join(f"{name}={value}" for name, value in said.items()) if isinstance(said, dict) else ""


def _provider(kind: str, values: Mapping[str, str]) -> tuple[str, str, str, tuple[str, ...], dict[str, str], float | None]:
    """Name, the two addresses, scopes, what else he wants to be asked, and the seconds that he remembers a consent."""
    if kind == "microsoft":
        tenant = values.get("oauth_tenant", "").strip() or "organizations"
        base = MICROSOFT.format(tenant=tenant) if TENANT.fullmatch(tenant) else ""
        return "Microsoft", f"{base}/authorize", f"{base}/token", MICROSOFT_SCOPES, {}, MICROSOFT_IDLE
    if kind == "google":
        extra = {"access_type": "offline", "prompt": "consent"}  # without them there is no refresh token
        authorize, token = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"
        return "Google", authorize, token, GOOGLE_SCOPES, extra, None
    scopes = tuple(values.get("oauth_scopes", "").replace(",", " ").split())
    return "", values.get("oauth_authorize_url", "").strip(), values.get("oauth_token_url", "").strip(), scopes, {}, None


def _binding(address: str, values: Mapping[str, str]) -> str:
    parts = [address, *(values.get(name, "").strip().casefold() for name in BOUND)]
    return base64.b64encode(hashlib.sha256(json.dumps(parts).encode()).digest()).decode()


def _judge(error: str, description: str) -> ProblemCode | None:
    """Microsoft tells the reason by a number in the description; Google has names of his own."""
    if error in ("admin_policy_enforced", "org_internal"):
        return "admin_consent" if error == "admin_policy_enforced" else "tenant"
    found = AADSTS.search(description)
    return MICROSOFT_PROBLEMS.get(found.group(1)) if found else None
