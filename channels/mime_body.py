"""What a mail says, and what it carries: text, HTML and attachments out of the tree of its parts."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.base import Attachment
from channels.html_text import html_to_text, text_to_html
from channels.mime_charset import decode
from channels.mime_text import take_uuencoded, unflow
from channels.mime_tree import MESSAGE_TYPES, Part

SHOWN = {"text/plain", "text/html", "text/enriched", "text/richtext"}
EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/octet-stream": ".bin",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc",
}


@dataclass(slots=True)
class Body:
    """What was found so far. A segment is one stretch of the message, as (text, html); either may be missing."""

    segments: list[tuple[str | None, str | None]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it as text; HTML is converted only where there is no text beside it."""
        pieces = [text if text and text.strip() else html_to_text(html or "") for text, html in self.segments]
        return "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) if len(pieces) > 1 else "".join(pieces)

    @property
    def html(self) -> str:
        """All of it as HTML, if any of it was HTML."""
        if not any(html for _text, html in self.segments):
            return ""
        return "\n<br>\n".join(html or text_to_html(text or "") for text, html in self.segments if html or text)


def read_body(root: Part) -> Body:
    """Body and attachments of a mail."""
    body = Body()
    body.segments = _segments(root, body, root=True)
    for part in root.walk():
        body.defects += part.defects
    body.attachments = _named(body.attachments)
    return body


def _segments(part: Part, body: Body, *, root: bool = False) -> list[tuple[str | None, str | None]]:
    if part.kind == "multipart/alternative" and part.children:
        return _alternative(part, body)
    if part.kind.startswith("multipart/"):
        return [segment for child in part.children for segment in _segments(child, body)]
    if not _is_shown(part, root):
        body.attachments += _attachments(part)
        return []
    text = _text(part, body)
    return [(None, text)] if part.kind == "text/html" else [(text, None)]


def _alternative(part: Part, body: Body) -> list[tuple[str | None, str | None]]:
    """One stretch said twice: the last text and the last HTML count (RFC 2046 §5.1.4)."""
    texts: list[str] = []
    htmls: list[str] = []
    for child in part.children:
        for text, html in _segments(child, body):
            texts += [text] if text is not None else []
            htmls += [html] if html is not None else []
    return [("\n\n".join(texts) if texts else None, "\n<br>\n".join(htmls) if htmls else None)]


def _is_shown(part: Part, root: bool) -> bool:
    """Whether this leaf is words to read rather than a file."""
    if part.kind not in SHOWN or (part.disposition == "attachment" and not (root and not part.filename)):
        return False
    named = "filename" in part.headers.first("content-disposition").lower()
    return root or not named


def _text(part: Part, body: Body) -> str:
    text, defect = decode(part.data(), part.parameters.get("charset") or _meta_charset(part))
    if defect:
        part.defects.append(defect)
    if part.kind == "text/html":
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.kind != "text/plain":
        return html_to_text(text)
    if part.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
    if "begin " in text:
        text, files = take_uuencoded(text)
        body.attachments += [Attachment(name, _guessed_type(name), data) for name, data in files]
    return text


def _meta_charset(part: Part) -> str:
    """The charset that an HTML part without a label names in its own head."""
    if part.kind != "text/html":
        return ""
    head = part.raw[:2048].decode("ascii", "replace").lower()
    return head.partition("charset=")[2].lstrip("\"'3d ")[:40].split('"')[0].split("'")[0].split(">")[0].split(";")[0]


def _attachments(part: Part) -> Iterator[Attachment]:
    data = part.raw if part.kind in MESSAGE_TYPES and part.encoding not in {"base64", "quoted-printable"} else part.data()
    inline = part.disposition == "inline" or bool(part.content_id and part.disposition != "attachment")
    yield Attachment(part.filename, part.kind, data, inline, part.content_id)


def _named(attachments: list[Attachment]) -> list[Attachment]:
    """Give every nameless attachment a name of its own: ``attachment-1.pdf``."""
    named = []
    for number, item in enumerate(attachments, start=1):
        name = item.filename or f"attachment-{number}{_extension(item.content_type)}"
        named.append(Attachment(name, item.content_type, item.data, item.inline, item.content_id))
    return named


def _extension(content_type: str) -> str:
    return EXTENSIONS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"


def _guessed_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
