"""Presenting an access token to a mail server: one that is refused before its time is replaced, once."""

from __future__ import annotations

from collections.abc import Callable

from channels.consent import TokenSource
from channels.failures import TemporaryFailure


class TokenRefused(Exception):
    """The server did not accept this token; the text has its own words."""


def present(tokens: TokenSource, sign_in: Callable[[str], None]) -> None:
    """Sign in. Raises TemporaryFailure("token") when a fresh token is refused too, "consent" when there is none."""
    token = tokens.token()
    try:
        sign_in(token)
    except TokenRefused:
        fresh = tokens.token(refused=token)
    else:
        return
    try:
        sign_in(fresh)
    except TokenRefused as refusal:
        raise TemporaryFailure("token", str(refusal), whole_inbox=True) from refusal
