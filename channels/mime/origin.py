"""Where a mail really comes from and went: what our own server says of its sender, and the envelope's recipients."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import authres

from channels.messages import Address, Verdict
from channels.mime.addresses import read_addresses
from channels.mime.headers import Headers

ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to")
MAX_HEADERS, MAX_CHARS = 10, 5_000  # the library's work grows with the square of the length
MAX_ENVELOPE = 20
POLICY = re.compile(
    r"\bdmarc\s*=\s*fail\b[^;]*?\b(?:p|action|policy\.[\w-]+)\s*=\s*o?(none|quarantine|reject)\b", re.IGNORECASE
)
FAILED = {"fail", "softfail", "hardfail"}
PASSED = {"pass", "bestguesspass"}
"""``bestguesspass`` is Microsoft's: aligned, though the domain publishes no policy."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One result of one header: the method, its result and the domain that it speaks of."""

    method: str
    result: str
    domain: str


def trusted(values: Mapping[str, str]) -> frozenset[str]:
    """The servers whose word on a sender counts, by the settings of an inbox."""
    return frozenset(name.strip().lower() for name in values.get("auth_server", "").split(",") if name.strip())


def delivered_to(headers: Headers) -> tuple[Address, ...]:
    """The envelope's recipients, as servers on the way wrote them down."""
    values = [value for name in ENVELOPE if name in headers for value in headers.all(name)[:MAX_ENVELOPE]]
    return read_addresses(values) if values else ()


def verdict(headers: Headers, sender: Address, servers: frozenset[str]) -> Verdict:
    """What these servers of ours say, read from the topmost Authentication-Results only (RFC 8601 §5).

    Below them may stand what the sender has written himself. Of several results of one method the worst counts.
    """
    if not servers:
        return Verdict()
    server, claims, policy = "", [], ""
    for value in headers.all("authentication-results")[:MAX_HEADERS]:
        parsed = _parsed(value)
        if parsed is None or parsed[0] not in servers or (server and parsed[0] != server):
            break
        server = parsed[0]
        claims += parsed[1]
        found = POLICY.search(value[:MAX_CHARS])
        policy = found[1].lower() if found else policy
    methods = tuple(dict.fromkeys((claim.method, claim.result) for claim in claims))
    return Verdict(_result(claims, _domain(sender.address)), server, methods, policy)  # type: ignore[arg-type]


def _parsed(value: str) -> tuple[str, list[Claim]] | None:
    try:
        parsed = authres.AuthenticationResultsHeader.parse_value(value[:MAX_CHARS])
    except (authres.AuthResError, ValueError, IndexError):
        return None
    return str(parsed.authserv_id).lower(), [_claim(item) for item in parsed.results if item.method]


def _claim(item: authres.AuthenticationResult) -> Claim:
    names = {"spf": ("mailfrom",), "dkim": ("d", "i"), "dmarc": ("from",)}.get(str(item.method).lower(), ())
    values = [str(one.value) for name in names for one in item.properties if one.name == name]
    return Claim(str(item.method).lower(), str(item.result).lower(), _domain(values[0]) if values else "")


def _result(claims: Iterable[Claim], domain: str) -> Literal["", "pass", "fail"]:
    """DMARC where it was asked (RFC 7489); else an aligned pass of SPF or DKIM, or the failure of both."""
    results: dict[str, set[str]] = {}
    for claim in claims:
        results.setdefault(claim.method, set()).add(claim.result)
    if "fail" in results.get("dmarc", set()):
        return "fail"
    if any(_proves(claim, domain) for claim in claims):
        return "pass"
    return "fail" if all(results.get(method, set()) & FAILED for method in ("spf", "dkim")) else ""


def _proves(claim: Claim, domain: str) -> bool:
    if claim.method == "dmarc":  # of a From field with two addresses it may speak of the other
        return claim.result in PASSED and (not claim.domain or _aligned(claim.domain, domain))
    return claim.method in ("spf", "dkim") and claim.result == "pass" and _aligned(claim.domain, domain)


def _aligned(claimed: str, domain: str) -> bool:
    """Relaxed alignment: one is the other or a part of it. Nobody can sign for a public suffix."""
    return "." in claimed and (claimed == domain or claimed.endswith(f".{domain}") or domain.endswith(f".{claimed}"))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(".<> ").lower()
