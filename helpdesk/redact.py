"""Takes out of log events what may not be logged: addresses, bodies and secrets."""

import re
from collections.abc import Mapping
from typing import Any

PRIVATE_KEYS = frozenset(
    """address authorization bcc body cc comment cookie email from html key name password password_hash phone raw
    recipient recipients secret secret_key secrets sender subject text to token url""".split()
)
LONGEST = 4000  # characters of one value
_RULES = (
    (re.compile(r"://[^/@\s]*@"), "://[secret]@"),
    (re.compile(r"[^\s@<>\"'(),;:=\[\]{}]+@[^\s@<>\"'(),;:=\[\]{}]+"), "[address]"),
    (re.compile(r"(?<![\w.])\+\d[\d ().-]{6,}\d"), "[address]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 [secret]"),
    (
        re.compile(r"(?i)\b((?:\w*_)?(?:password|token|secret|signature|api_key)\s*[=:]\s*)['\"]?[^\s,'\"&]+"),
        r"\1[secret]",
    ),
    (re.compile(r"(?<=/)(?=[\w~-]*\d)[\w~-]{20,}"), "[secret]"),  # hook keys and signed links in paths
    (re.compile(r"DETAIL:.*"), "DETAIL: [values]"),  # PostgreSQL quotes the row
    (re.compile(r"\[parameters: .*", re.DOTALL), "[parameters]"),  # SQLAlchemy quotes them too
)


def redact_event(_logger: object, _method: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Be a structlog processor: return the event with nothing private in it."""
    return {key: "[private]" if key in PRIVATE_KEYS else _clean(value) for key, value in event.items()}


def redact(text: str) -> str:
    """Return `text` without addresses and secrets, and not longer than the log wants."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


def _clean(value: Any) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {key: "[private]" if key in PRIVATE_KEYS else _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return redact(str(value))
