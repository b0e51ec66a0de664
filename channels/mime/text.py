"""Text bodies as people read them: format=flowed put together again (RFC 3676), uuencoded files taken out."""

from __future__ import annotations

import binascii
import re

BEGIN = re.compile(r"^begin [0-7]{3,4} (\S[^\r\n]{0,200})\r?\n", re.MULTILINE)
END = re.compile(r"^(?:`\r?\n)?end[ \t]*\r?$\n?", re.MULTILINE)
MAX_FILES = 100
UU_LINE = re.compile(r"[ -`]{2,90}")


def unflow(text: str, *, delsp: bool) -> str:
    """Join lines that end in a blank with the next of the same quoting depth (RFC 3676 §4)."""
    paragraphs: list[tuple[int, list[str], bool]] = []
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        flowed = body.endswith(" ") and body != "-- "
        joins = bool(paragraphs) and paragraphs[-1][2] and paragraphs[-1][0] == depth and body != "-- "
        body = body[:-1] if flowed and delsp else body
        if joins:
            paragraphs[-1][1].append(body)
            paragraphs[-1] = (depth, paragraphs[-1][1], flowed)
        else:
            paragraphs.append((depth, [body], flowed))
    return "\n".join((">" * depth + " " if depth else "") + "".join(parts) for depth, parts, _flowed in paragraphs)


def take_uuencoded(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its uuencoded files, and those files as (name, bytes)."""
    files: list[tuple[str, bytes]] = []
    kept: list[str] = []
    position = 0
    while len(files) < MAX_FILES and (begin := BEGIN.search(text, position)):
        if not _is_uuencoded(text[begin.end() : begin.end() + 100]):
            kept.append(text[position : begin.end()])
            position = begin.end()
            continue
        end = END.search(text, begin.end())
        body = text[begin.end() : end.start() if end else len(text)]
        files.append((begin[1].strip(), uudecode(body.encode("ascii", "replace"))))
        kept.append(text[position : begin.start()])
        position = end.end() if end else len(text)
    return "".join([*kept, text[position:]]), files


def _is_uuencoded(body: str) -> bool:
    first = body.split("\n", 1)[0].rstrip("\r")
    return bool(UU_LINE.fullmatch(first)) and len(first) >= 1 + (ord(first[0]) - 32) % 64 * 4 // 3


def uudecode(data: bytes) -> bytes:
    """Decode uuencoded lines with or without their ``begin`` and ``end``; a broken line is left out."""
    decoded: list[bytes] = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:  # longer than declared: some encoders count wrong, as the standard library's uu notes
            length = ((line[0] - 32) & 63) * 4 + 5
            decoded.append(_or_nothing(line[: length // 3]))
    return b"".join(decoded)


def _or_nothing(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
