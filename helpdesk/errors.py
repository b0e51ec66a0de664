"""Errors that people meet: each carries its HTTP status, a stable code, and a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class HelpdeskError(Exception):
    """Base of all expected refusals. ``detail`` is a translated sentence; ``errors`` names fields of a form."""

    status = 400
    code = "bad_request"

    def __init__(
        self, detail: str, *, errors: Mapping[str, list[str]] | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = dict(errors or {})
        self.extra = dict(extra or {})


class NotFound(HelpdeskError):
    """Does not exist, or not for this person: strangers cannot tell which."""

    status = 404
    code = "not_found"


class Forbidden(HelpdeskError):
    status = 403
    code = "forbidden"


class Conflict(HelpdeskError):
    """The thing has changed since the person looked at it."""

    status = 409
    code = "conflict"


class Invalid(HelpdeskError):
    status = 422
    code = "invalid"


class TooLarge(HelpdeskError):
    status = 413
    code = "too_large"
