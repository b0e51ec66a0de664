"""The tree of a mail's parts as ranges of its bytes (RFC 2046), whatever its delimiters look like."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.mime.cms import signed_content
from channels.mime.delimiters import BEGINS_PART, LOOKS_LIKE_DELIMITER, MAX_GUESSED, delimiters
from channels.mime.headers import Headers, lenient_base64, read_headers
from channels.mime.params import content_type, read_value, safe_filename

MAX_PARTS = 1_000
MAX_DEPTH = 120
ENCODINGS = {
    **dict.fromkeys(["7bit", "7bits", "8bit", "8bits", "binary", "plain", "none", "textplain", "texthtml"], "binary"),
    **dict.fromkeys(["quotedprintable", "qp"], "quoted-printable"),
    **dict.fromkeys(["base64", "b64"], "base64"),
    **dict.fromkeys(["uuencode", "xuuencode", "xuue", "uue"], "uuencode"),
}
NOT_LETTER = re.compile(r"[^a-z0-9]")
NAMES_FILE = re.compile(r"[^/\\]\.[A-Za-z0-9]{1,5}$")
WORDS = re.compile(rb"\S[ \t]+\S|<[a-zA-Z!]")
SOFT_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
MESSAGE_TYPES = {"message/rfc822", "message/global"}
CMS_TYPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}


@dataclass(slots=True)
class Part:
    """One entity: its header, and the range of the source that is its body."""

    source: bytes
    headers: Headers
    start: int
    end: int
    kind: str
    parameters: dict[str, str]
    disposition: str = ""
    filename: str = ""
    children: list[Part] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def encoding(self) -> str:
        """The transfer encoding by its proper name; as declared when it has none."""
        declared = self.headers.first("content-transfer-encoding").partition(";")[0].strip(" \t\"'").lower()
        return ENCODINGS.get(NOT_LETTER.sub("", declared), declared)

    @property
    def raw(self) -> bytes:
        return self.source[self.start : self.end]

    @property
    def location(self) -> str:
        """The file that Content-Location names (RFC 2557), an empty string when it names none."""
        path = "".join(self.headers.first("content-location").split()).partition("?")[0]
        return safe_filename(path) if NAMES_FILE.search(path) else ""

    @property
    def content_id(self) -> str:
        return "".join(self.headers.first("content-id").split()).strip("<>")

    def data(self) -> bytes:
        """The body with its transfer encoding undone; what is not encoded as declared goes as far as it can."""
        match self.encoding:
            case "base64":
                return self._base64()
            case "quoted-printable":
                raw = self.raw if b"\n" in self.raw else self.raw.replace(b"\r", b"\n")
                return quopri.decodestring(SOFT_BREAK.sub(b"=", raw))
            case "" | "binary":
                return self.raw
            case "uuencode":
                from channels.mime.text import uudecode

                return uudecode(self.raw)
        self.defects.append(f"unknown transfer encoding {self.encoding[:40]}")
        return self.raw

    def _base64(self) -> bytes:
        raw = self.raw
        try:
            if (padding := raw.find(b"=")) < 0 or not raw[padding:].strip(b"=\r\n\t "):
                return base64.b64decode(raw)
        except binascii.Error:
            pass
        if self.kind.startswith("text/") and WORDS.search(raw.lstrip().partition(b"\n")[0].rstrip()):
            self.defects.append("words that are labelled base64")
            return raw
        self.defects.append("damaged base64")
        return lenient_base64(raw)

    def walk(self) -> Iterator[Part]:
        """This part and everything below it, in order; embedded messages stay closed."""
        yield self
        for child in self.children:
            yield from child.walk()


class Reader:
    """Reads one mail, counting its parts over all levels."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.count = 0

    def read(self, start: int, end: int, depth: int = 0, default: str = "text/plain") -> Part:
        """The entity in this range with everything below it."""
        self.count += 1
        headers, body, defects = read_headers(self.source, start, end)
        kind, parameters, defect = content_type(headers.first("content-type"), default)
        disposition, names = read_value(headers.first("content-disposition"))
        filename = safe_filename(names.get("filename") or parameters.get("name") or names.get("name") or "")
        part = Part(self.source, headers, body, end, kind, parameters, disposition, filename, [], defects)
        if defect:
            part.defects.append(defect)
        if kind.startswith("multipart/"):
            self._split(part, depth)
        elif kind in CMS_TYPES and depth < MAX_DEPTH:
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        """What is signed as a whole is read like a part inside, if it is one: other files are signed so too."""
        content = signed_content(part.data())
        if not content or self.count >= MAX_PARTS:
            return
        inner = Reader(content)
        inner.count = self.count
        child = inner.read(0, len(content), depth + 1)
        self.count = inner.count
        part.children = [child] if "content-type" in child.headers else []

    def _split(self, part: Part, depth: int) -> None:
        if depth >= MAX_DEPTH:
            part.defects.append(f"parts nested deeper than {MAX_DEPTH} are left closed")
            part.kind = "application/octet-stream"
            return
        if part.encoding in {"base64", "quoted-printable"} and (decoded := self._decoded(part, depth)):
            part.children = decoded
            return
        ranges = self._ranges(part)
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        for start, end in ranges:
            if self.count >= MAX_PARTS:
                part.defects.append(f"more than {MAX_PARTS} parts; the rest is only in the source")
                return
            part.children.append(self.read_part(start, end, depth + 1, default))
        part.children = _adopted(part)
        if not ranges:
            part.defects.append("a multipart without parts")
            part.kind = "text/plain"

    def read_part(self, start: int, end: int, depth: int, default: str) -> Part:
        """A part inside another; one that begins without a header is all body."""
        return self.read(start, end, depth, default)

    def _decoded(self, part: Part, depth: int) -> list[Part]:
        """Children of a multipart that was wholly encoded, against RFC 2045 §6.4."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        if not boundary or b"--" + boundary in part.raw:
            return []
        data = part.data()
        if b"--" + boundary not in data:
            return []
        part.defects.append("an encoded multipart")
        inner = Part(data, part.headers, 0, len(data), part.kind, part.parameters)
        reader = Reader(data)
        reader.count = self.count
        ranges = reader._ranges(inner)[: MAX_PARTS - self.count]
        children = [reader.read_part(start, end, depth + 1, "text/plain") for start, end in ranges]
        self.count = reader.count
        return children

    def _ranges(self, part: Part) -> list[tuple[int, int]]:
        """Ranges of the parts: by the declared boundary, else by a prefix of the line, else by what looks like one."""
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        for strict in (True, False) if boundary else ():
            if ranges := self._between(part, boundary, strict):
                return ranges
        found = LOOKS_LIKE_DELIMITER.search(self.source, part.start, min(part.end, part.start + MAX_GUESSED))
        if not found:
            return []
        part.defects.append("the declared boundary is missing or never occurs")
        return self._between(part, found[1], True)

    def _between(self, part: Part, boundary: bytes, strict: bool) -> list[tuple[int, int]]:
        """Ranges between delimiters; after a closing one only what says itself that it is a part."""
        ranges: list[tuple[int, int]] = []
        opened = -1
        closed = False
        for begin, end, closing in delimiters(self.source, part.start, part.end, boundary, strict):
            if opened >= 0:
                ranges.append((opened, max(opened, begin)))
            if len(ranges) > MAX_PARTS:
                return ranges
            opened = -1 if closing or (closed and not BEGINS_PART.match(self.source, end, part.end)) else end
            closed = closed or closing
        if opened >= 0:
            part.defects.append("no closing boundary")
            ranges.append((opened, part.end))
        return ranges


def _adopted(part: Part) -> list[Part]:
    """The children, those of an inner multipart that repeats its parent's boundary given back to it."""
    boundary, kept, index = part.parameters.get("boundary"), [], 0
    if not boundary:
        return part.children
    while index < len(part.children):
        child = part.children[index]
        kept.append(child)
        index += 1
        if child.parameters.get("boundary") == boundary and not child.children and not child.raw.strip():
            kind, _parameters, _defect = content_type(child.headers.first("content-type"), "")
            end = _end_of_nested(part, index) if kind.startswith("multipart/") else index
            if end > index:
                child.kind, child.children = kind, part.children[index:end]
                child.defects.append("a nested multipart with its parent's boundary")
                index = end
    return kept


def _end_of_nested(part: Part, first: int) -> int:
    """Up to the next closing delimiter, where there is one before the last part."""
    closing = b"--" + part.parameters["boundary"].encode("utf-8", "replace") + b"--"
    for index in range(first, len(part.children) - 1):
        if closing in part.source[part.children[index].end : part.children[index + 1].start]:
            return index + 1
    return len(part.children)
