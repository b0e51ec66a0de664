"""Mail from a folder of sent mail: written by one of us, in another program."""

from __future__ import annotations

import re
from dataclasses import replace

from channels.messages import IncomingMessage

ORIGINAL = re.compile(rb"^X-(?:Google|Microsoft)-Original-Message-ID:\s*<([^<>\s]+)>", re.IGNORECASE | re.MULTILINE)
HEADER_END = re.compile(rb"\r?\n\r?\n")


def as_sent(message: IncomingMessage, raw: bytes) -> IncomingMessage:
    """The message with the Message-ID that it was sent with: these two providers replace some, and keep the first."""
    header = HEADER_END.split(raw, maxsplit=1)[0]
    found = ORIGINAL.search(header)
    first = found.group(1).decode("ascii", "replace") if found else message.message_id
    return replace(message, message_id=first, written_by_us=True)
