"""Where the parts of a multipart begin and end (RFC 2046 §5.1.1), also when its delimiters are not what it declared."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_GUESSED = 200_000  # bytes in which an undeclared boundary is looked for
PART_FIELD = rb"(?i:content-[a-z-]+|mime-version)[ \t]*:"
LOOKS_LIKE_DELIMITER = re.compile(rb"(?:\A|(?<=\n))--([^\s][^\r\n]{0,199}?)[ \t]*\r?\n(?=" + PART_FIELD + rb")")
BEGINS_PART = re.compile(rb"\s*" + PART_FIELD)


def delimiters(source: bytes, start: int, limit: int, boundary: bytes, strict: bool) -> Iterator[tuple[int, int, bool]]:
    """(where the content before ends, where the next begins, is it the last) of each delimiter line."""
    mark = b"--" + boundary
    position = source.find(mark, start, limit)
    while position >= 0:
        after = position + len(mark)
        if position == start or source[position - 1] in b"\r\n":
            closing = source[after : after + 2] == b"--"
            line_end = _line_end(source, after, limit)
            rest = source[after + 2 * closing : min(line_end, after + 200)].strip()
            if not rest or not strict:
                yield _before_newline(source, position, start), _next_line(source, line_end, limit), closing
            after = max(after, line_end)
        position = source.find(mark, after, limit)


def _line_end(source: bytes, position: int, end: int) -> int:
    newline = source.find(b"\n", position, end)
    if newline < 0:
        carriage = source.find(b"\r", position, end)
        return carriage if carriage >= 0 else end
    return newline - 1 if newline > position and source[newline - 1] == 13 else newline


def _next_line(source: bytes, line_end: int, end: int) -> int:
    return min(end, line_end + (2 if source[line_end : line_end + 2] == b"\r\n" else 1))


def _before_newline(source: bytes, position: int, start: int) -> int:
    """The line end before a delimiter belongs to it (RFC 2046 §5.1.1)."""
    if source[max(start, position - 2) : position] == b"\r\n":
        return position - 2
    return position - 1 if position > start else position
