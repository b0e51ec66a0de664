"""What the servers on the way say of a sender (RFC 8601), for people to read; whom to trust is decided in ``origin``."""

from __future__ import annotations

import re

import authres

from channels.mime.headers import Headers

MAX_HEADERS, MAX_CHARS = 10, 5_000  # the library's work grows with the square of the length
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
MAX_NESTING = 5
RESULT = re.compile(r"\s*([a-z][a-z0-9-]{0,40})\s*(?:/\s*\d+\s*)?=\s*([a-z]+)\b", re.IGNORECASE)
SERVER = re.compile(r"\s*([a-z0-9._-]+)(?:\s+\d+)?\s*$", re.IGNORECASE)

Results = list[tuple[str, str]]


def read_results(headers: Headers) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Server and (method, result)s of the topmost Authentication-Results: those below may be forged (RFC 8601 §5)."""
    server = ""
    results: Results = []
    for number, value in enumerate(headers.all("authentication-results")[:MAX_HEADERS]):
        name, found = _parse(value[:MAX_CHARS])
        if (not name and not found) or (number and name != server):
            break
        server = name
        results += found
        if not name:  # nobody signs for what stands below
            break
    return server, tuple(results)


def _parse(value: str) -> tuple[str, Results]:
    try:
        parsed = authres.AuthenticationResultsHeader.parse_value(value)
    except (authres.AuthResError, ValueError, IndexError):
        return _leniently(value)
    return str(parsed.authserv_id).lower(), [(str(item.method), str(item.result)) for item in parsed.results if item.method]


def _leniently(value: str) -> tuple[str, Results]:
    """The same of a header that breaks the grammar: Microsoft names no server, others quote no IPv6 address."""
    text = QUOTED.sub("", value)
    for _level in range(MAX_NESTING):
        text = COMMENT.sub(" ", text)
    first, *rest = text.split(";")
    server = SERVER.match(first)
    clauses = rest if server else [first, *rest]
    found = [(each[1].lower(), each[2].lower()) for clause in clauses if (each := RESULT.match(clause))]
    return (server[1].lower() if server else ""), found
