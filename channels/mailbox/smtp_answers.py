"""What a mail server's answer means for the message, the inbox and the next try (RFC 5321 §4.2, RFC 3463).

Providers answer with the same few codes for very different things; their enhanced codes and words tell them apart:
Gmail https://support.google.com/a/answer/3726730, Exchange Online
https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/
"""

from __future__ import annotations

import re
import smtplib

from channels.failures import PermanentFailure, ProblemCode, TemporaryFailure

ENHANCED = re.compile(r"^\d{3} ([245])\.(\d{1,3})\.(\d{1,3})\b")
AGAIN_IN = re.compile(
    r"\b(?:in|after|for)\s+(?:another\s+)?(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)?\b", re.IGNORECASE
)
GREYLISTED = re.compile(r"gr[ae]y.?list|try again later.*new sender|4\.7\.1 .*deferred", re.IGNORECASE)
LIMITED = re.compile(
    r"\b(?:daily|hourly|sending|submission)\s+(?:\w+\s+){0,3}?(?:limit|quota)"
    r"|thread limit|rate.?limit|too many (?:messages|mails|emails|concurrent)|throttl|SubmissionQuota",
    re.IGNORECASE,
)
POLICY = re.compile(r"spam|black.?list|block.?list|blocked using|dmarc|unsolicited|virus|policy|reputation", re.IGNORECASE)
SECONDS = {"s": 1, "m": 60, "h": 3600}
GREYLIST_SECONDS = 300.0  # most greylists open after five minutes (RFC 6647 §3 advises at most one hour)
LONGEST_WAIT = 6 * 3600.0
QUOTA_SECONDS, CROWDED_SECONDS, FULL_SECONDS = 3600.0, 60.0, 3600.0


def answered(answer: tuple[int, bytes], code: ProblemCode, *, accepted: int = 250) -> None:
    """Raise the failure that a negative answer means; ``code`` names what the server was asked about."""
    number, _text = answer
    if number in {accepted, 250, 251}:
        return
    if number < 0:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
    words = said(answer)
    if _is_limit(number, words):
        daily = number >= 500 or "day" in words.lower() or "dail" in words.lower()
        wait = asked_wait(words) or (QUOTA_SECONDS if daily else CROWDED_SECONDS)
        raise TemporaryFailure("quota", words, retry_after=wait, whole_inbox=True)
    if number in {530, 535, 538}:
        raise TemporaryFailure("login", words, whole_inbox=True)
    if number < 500:
        raise _later(number, words)
    raise PermanentFailure(_reason(number, words, code), words)


def said(answer: tuple[int, bytes]) -> str:
    """The answer on one line, its code first."""
    return f"{answer[0]} {' '.join(answer[1].decode('utf-8', 'replace').split())}"[:500]


def asked_wait(words: str) -> float | None:
    """Seconds that the server asks us to wait, at least 1 and at most six hours; None when it names no time."""
    found = AGAIN_IN.search(words)
    if found is None:
        return None
    return min(max(float(int(found[1]) * SECONDS[(found[2] or "s")[0].lower()]), 1.0), LONGEST_WAIT)


def _later(number: int, words: str) -> TemporaryFailure:
    """421 closes the connection for every message (RFC 5321 §3.8); the others are about this one."""
    if number == 421:
        return TemporaryFailure("busy", words, retry_after=asked_wait(words), whole_inbox=True)
    if _enhanced(words) == (2, 2):
        return TemporaryFailure("full", words, retry_after=FULL_SECONDS)
    wait = asked_wait(words) or (GREYLIST_SECONDS if GREYLISTED.search(words) else None)
    return TemporaryFailure("busy", words, retry_after=wait)


def _is_limit(number: int, words: str) -> bool:
    """Whether the provider counts what this inbox sends; some say so with a 5xx that heals by itself."""
    counted = number in {421, 432, 450, 451, 452, 454, 550, 554} and _enhanced(words) != (2, 2)
    return counted and LIMITED.search(words) is not None


def _reason(number: int, words: str, code: ProblemCode) -> ProblemCode:
    enhanced = _enhanced(words)
    if enhanced == (2, 2) or (number == 552 and "mailbox" in words.lower()):
        return "full"
    if number == 552 or enhanced in {(3, 4), (2, 3)}:
        return "too_large"
    is_policy = POLICY.search(words) or (code == "rejected" and enhanced is not None and enhanced[0] == 7)
    return "policy" if code != "sender" and is_policy else code


def _enhanced(words: str) -> tuple[int, int] | None:
    """Subject and detail of an enhanced status code (RFC 3463), such as (2, 2) for a full mailbox."""
    found = ENHANCED.match(words)
    return (int(found[2]), int(found[3])) if found else None
