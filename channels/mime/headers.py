"""The header block of a mail or of one of its parts: fields, encoded words (RFC 2047) and identifiers."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterable

from channels.mime.charset import decode, guess

GOES_ON = re.compile(rb"\s*((?:from|to|subject|date|content-type|mime-version|message-id)[ \t]*:)", re.IGNORECASE)
ENDS_OF_BLOCK = (b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\r")
EMPTY_LINES = re.compile(rb"[\r\n]*")
FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
OF_MAIL = re.compile(  # what a header may begin with below a line that is none; armour and keys have fields of their own
    rb"(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path|delivered-to|"
    rb"mime-version|content-[a-z-]+|x-[a-z-]+|[a-z]+-[a-z-]+)[ \t]*:",
    re.IGNORECASE,
)
FOLD = re.compile(r"(?:\r\n|\n|\r)(?=[ \t])")
WORD = re.compile(r"=\?([^?\s]*)\? ?([bBqQ]) ?\?((?:[^?]|\?(?!=))*)(?:\?=|$)")
BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]*\?[bBqQ]\?)")
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]|[^\s] [^\s]")
BRACKETED = re.compile(r"<\s*([^<>\s]+)\s*>")
MAX_REFERENCES = 1_000
MAX_BLOCK = 1_000_000  # bytes of one header that are read
MAX_WORDS = 50_000  # characters of one field in which encoded words are looked for


class Headers:
    """The fields of one block in their order, by lower-case name, unfolded but not decoded."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, bytes]]) -> None:
        self._fields: dict[str, list[bytes]] = {}
        for name, value in fields:
            self._fields.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterable[str]:
        return iter(self._fields)

    def __bool__(self) -> bool:
        return bool(self._fields)

    def count(self, name: str) -> int:
        return len(self._fields.get(name, ()))

    def all(self, name: str) -> list[str]:
        return [unfold(value) for value in self._fields.get(name, ())]

    def first(self, name: str) -> str:
        """The first field of this name, or an empty string."""
        values = self._fields.get(name)
        return unfold(values[0]) if values else ""

    def text(self, name: str) -> str:
        """The first field of this name for people: encoded words decoded, white space folded to single blanks."""
        return " ".join(decode_words(self.first(name)).split())


def unfold(value: bytes) -> str:
    """One field's raw value as a line of text; 8-bit bytes are read as UTF-8 or by likelihood."""
    text = value.decode("ascii") if value.isascii() else guess(value)
    if "\n" in text or "\r" in text:
        text = FOLD.sub("", text)
    return text.replace("\x00", "").strip()


def read_headers(data: bytes, start: int, end: int) -> tuple[Headers, int, list[str]]:
    """Fields of the block at ``start``, where its body begins, and what was wrong with it."""
    defects: list[str] = []
    fields, body = _block(data, _skip_preface(data, start, end, defects), end, defects)
    if not start and all(name != "from" for name, _value in fields) and (goes_on := GOES_ON.match(data, body, end)):
        defects.append("an empty line inside the header")
        more, body = _block(data, goes_on.start(1), end, defects)
        fields += more
    return Headers(fields), body, defects


def _block(data: bytes, start: int, end: int, defects: list[str]) -> tuple[list[tuple[str, bytes]], int]:
    """Fields up to the first empty line, and where what follows it begins."""
    if data[start : start + 1] in {b"\r", b"\n"}:  # an empty block: the body begins after this line end
        return [], start + (2 if data[start : start + 2] == b"\r\n" else 1)
    block_end, body = _end_of_block(data, start, end)
    lines = data[start : min(block_end, start + MAX_BLOCK)].splitlines(keepends=True)
    fields, used = _fields(lines, defects)
    if block_end - start > MAX_BLOCK:
        defects.append(f"a header of more than {MAX_BLOCK} bytes")
    if used < len(lines):
        defects.append("no empty line between header and body")
        return fields, start + sum(map(len, lines[:used]))
    return fields, body


def _end_of_block(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the last line of the header ends and where the body begins, after the first empty line."""
    found, after = end, end
    for mark in ENDS_OF_BLOCK:  # each only before what was found: parts must not scan the whole mail again and again
        position = data.find(mark, start, min(end, found + len(mark)))
        if 0 <= position < found:
            found, after = position, position + len(mark)
    return found, after


def _skip_preface(data: bytes, start: int, end: int, defects: list[str]) -> int:
    """Skip a byte order mark, an mbox ``From`` line and empty lines before the first field of a whole mail."""
    if start:
        return start
    position = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    if match := EMPTY_LINES.match(data, position, end):
        position = match.end()
    if position and not FIELD.match(data, position):
        position = 0
    if data.startswith((b"From ", b">From "), position):
        newline = data.find(b"\n", position)
        position = newline + 1 if newline >= 0 else end
    if position:
        defects.append("something before the first header field")
    return position


def _fields(lines: list[bytes], defects: list[str]) -> tuple[list[tuple[str, bytes]], int]:
    """Fields of the lines, and how many lines belong to the header."""
    fields: list[tuple[str, list[bytes]]] = []
    for number, line in enumerate(lines):
        if line[:1] in b" \t" and fields:
            fields[-1][1].append(line)
        elif match := FIELD.match(line if fields else line.lstrip(b" \t")):
            line = line if fields else line.lstrip(b" \t")
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif line.startswith(b":") or (number + 1 < len(lines) and (FIELD if fields else OF_MAIL).match(lines[number + 1])):
            defects.append("a header line without a field name")
            if fields and fields[-1][1][-1].rstrip().endswith(b";"):  # folded by a program that forgot the blank
                fields[-1][1].append(b" " + line)
        else:
            return [(name, b"".join(parts)) for name, parts in fields], number
    return [(name, b"".join(parts)) for name, parts in fields], len(lines)


def decode_words(text: str) -> str:
    """RFC 2047 words decoded wherever they stand, broken ones as far as they can be read."""
    if "=?" not in text:
        return text
    text = BETWEEN_WORDS.sub(r"\1", text[:MAX_WORDS])
    pieces: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for word in WORD.finditer(text):
        charset, data = word[1].partition("*")[0].lower(), _word_bytes(word[2], word[3])
        if pending and (position != word.start() or pending[0] != charset):
            pieces.append(decode(pending[1], pending[0])[0])
            pending = None
        if position != word.start():
            pieces.append(text[position : word.start()])
        # A character may be split between two words of one charset, against the rule of RFC 2047 §5.
        pending = (charset, pending[1] + data) if pending else (charset, data)
        position = word.end()
    if pending:
        pieces.append(decode(pending[1], pending[0])[0])
    return "".join([*pieces, text[position:]])


def _word_bytes(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8")
    if encoding in "qQ":
        return quopri.decodestring(raw.replace(b" ", b"_"), header=True)
    return lenient_base64(raw)


def lenient_base64(data: bytes) -> bytes:
    """Base64 with line ends, foreign characters, missing padding or a cut end, as far as it goes.

    Several pieces with padding of their own are put together; words after the padding (a list's footer) are not read.
    """
    first, padding, rest = data.partition(b"=")
    decoded = [_unpadded(first)]
    rest = rest.lstrip(b"=\r\n\t ")
    if padding and rest and not NOT_BASE64.search(rest):
        decoded += [_unpadded(piece) for piece in rest.split(b"=")]
    return b"".join(decoded)


def _unpadded(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Identifiers without brackets in order, each once, at most the first and the last of 1,000 (RFC 5322 §3.6.4)."""
    found: dict[str, None] = {}
    for value in values:
        ids = BRACKETED.findall(value) or [word.strip("<>,;\"'") for word in value.split() if "@" in word]
        found.update(dict.fromkeys(filter(None, ids)))
    ids = list(found)
    return tuple(ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]])


def message_id(value: str) -> str:
    """The identifier in a Message-ID field without brackets; an ill-formed one as it stands."""
    ids = BRACKETED.findall(value)
    return ids[0] if ids else "".join(value.split()).strip("<>")
