"""Content-Type and Content-Disposition with their parameters, RFC 2045, 2183 and 2231, also as broken in the wild."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from channels.mime.charset import decode, guess
from channels.mime.headers import decode_words

PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*(?:"|$)|[^;]*)', re.DOTALL)
UNSEPARATED = re.compile(r'\s([a-z*0-9-]+)\s*=\s*("[^"]*"|[^\s;]+)', re.IGNORECASE)
# A comment stands apart: in ``filename=file (1).pdf`` the brackets belong to the name.
COMMENT = re.compile(r'^\s*\((?:[^()"\\]|\\.)*\)|\((?:[^()"\\]|\\.)*\)(?=[\s;]|$)')
SECTION = re.compile(r"^(.+?)\*(\d+)(\*?)$")
TOKEN = re.compile(r"^[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+$")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def read_value(value: str) -> tuple[str, dict[str, str]]:
    """The value before the first semicolon in lower case, and its decoded parameters by lower-case name."""
    if "(" in value:
        value = COMMENT.sub("", value) if '"' not in value else value
    head, separator, _rest = value.partition(";")
    found = PARAMETER.findall(value)
    if not found and "=" in head:
        found = UNSEPARATED.findall(head)
        head = head.split()[0] if head.split() else ""
    if not found:
        return head.strip().lower(), {}
    return head.strip().lower(), _join(found) if separator or found else {}


def content_type(value: str, default: str) -> tuple[str, dict[str, str], str]:
    """Type, parameters, and a defect; an unusable type counts as text/plain (RFC 2045 §5.2)."""
    if not value:
        return default, {}, ""
    kind, parameters = read_value(value)
    if TOKEN.match(kind):
        return kind, parameters, ""
    if kind in {"text", "html", "multipart"}:  # half a type is still a hint
        return (
            {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}[kind],
            parameters,
            f"type {kind}",
        )
    return "text/plain", parameters, "unreadable Content-Type"


def _join(found: list[tuple[str, str]]) -> dict[str, str]:
    """Plain parameters, then the RFC 2231 ones over them, their sections in order."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for raw_name, raw_value in found:
        name, value = raw_name.lower(), _unquote(raw_value)
        if match := SECTION.match(name):
            sections.setdefault(match[1], {}).setdefault(int(match[2][:6]), (value, bool(match[3])))
        elif name.endswith("*"):
            sections.setdefault(name[:-1], {}).setdefault(0, (value, True))
        else:
            plain.setdefault(name, decode_words(value))
    return {**plain, **{name: _extended([parts[n] for n in sorted(parts)]) for name, parts in sections.items()}}


def _extended(parts: list[tuple[str, bool]]) -> str:
    """Sections of one parameter: charset'language'percent-encoded where starred, literal elsewhere."""
    charset = ""
    data = b""
    for number, (text, encoded) in enumerate(parts):
        if number == 0 and encoded and text.count("'") >= 2:
            charset, _language, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode()
    text = decode(data, charset)[0] if charset else guess(data)
    return decode_words(text)


def _unquote(value: str) -> str:
    value = value.strip()
    if not value.startswith('"'):
        return value
    inner = value[1:-1] if len(value) > 1 and value.endswith('"') else value[1:]
    return inner.replace("\\\\", "\\").replace('\\"', '"')


def safe_filename(name: str) -> str:
    """The last component of a name, without control and direction-changing characters; may be empty."""
    name = " ".join(CONTROL.sub("", decode_words(name).replace("\n", " ")).split())
    return re.split(r"[/\\]", name)[-1].strip().strip(".")[:200] if set(name) - set("./\\ ") else ""
