"""What mail programs do to mails: the dirty part of the corpus. Each kind must still become a ticket."""

from __future__ import annotations

import random
import re
from collections.abc import Callable


def soiled(rng: random.Random, raw: bytes) -> bytes:
    """The mail, spoilt in one of several ways seen in the wild; its sender stays readable."""
    return rng.choice(KINDS)(raw)


def _without_message_id(raw: bytes) -> bytes:
    return re.sub(rb"Message-ID: [^\r]*\r\n", b"", raw)


def _odd_message_id(raw: bytes) -> bytes:
    return re.sub(rb"Message-ID: <([^>\r]*)>", rb"Message-ID: <[\1]>", raw)


def _unknown_charset(raw: bytes) -> bytes:
    return re.sub(rb"charset=[\w-]+", b"charset=unknown-8bit", raw)


def _raw_bytes_in_subject(raw: bytes) -> bytes:
    return re.sub(rb"Subject: [^\r]*", "Subject: Şikâyet var ğüşiöç".encode("iso-8859-9", "replace"), raw)


def _nul_in_body(raw: bytes) -> bytes:
    return raw + b"\r\nlast line \x00 with a NUL\r\n"


def _bare_line_feeds(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def _cut_off(raw: bytes) -> bytes:
    return raw[: max(len(raw) * 2 // 3, raw.find(b"\r\n\r\n") + 4)]


def _many_references(raw: bytes) -> bytes:
    ids = b"\r\n ".join(b"<gone%d@elsewhere.example>" % number for number in range(300))
    return b"References: " + ids + b"\r\n" + raw


KINDS: tuple[Callable[[bytes], bytes], ...] = (
    _without_message_id, _odd_message_id, _unknown_charset, _raw_bytes_in_subject,
    _nul_in_body, _bare_line_feeds, _cut_off, _many_references,
)  # fmt: skip
