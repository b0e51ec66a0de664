"""The security headers of every response, the content security policy first."""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from flask import Flask, Response, request

from helpdesk.assets import import_map

# Turbo writes this style element for its progress bar; the text is that of turbo.js, at its default 300 ms.
TURBO_PROGRESS_STYLE = "sha256-WAyOw4V+FqDc35lQPyRADLBWbuNK8ahvYEaQIYF1+Ps="
DENIED_FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def install(app: Flask) -> None:
    """Set the headers on every response; a view that set its own policy keeps it."""
    app.after_request(_secure)


@cache
def policy() -> str:
    """The policy of every page: own files only, no inline code, two hashes for what must stand in the page.

    Hashes, not nonces: a Turbo visit keeps the policy of the first page.
    """
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' '{_sha256(import_map())}'",
            f"style-src 'self' '{TURBO_PROGRESS_STYLE}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""For a page that is somebody's mail: styles may stand in it, nothing runs, links open outside.

Same origin, so that the thread can measure it and its own pictures come with the agent's session; no script runs in it.
"""
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For somebody else's bytes under our name: should a browser take them for a page, it is one that can do nothing."""


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", DENIED_FEATURES)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.mimetype == "text/html":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _sha256(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"
