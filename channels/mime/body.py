"""What a mail says, and what it carries: text, HTML and attachments out of the tree of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from channels.html.text import html_to_text, text_to_html
from channels.messages import Attachment
from channels.mime.calendar import is_calendar, read_invitation
from channels.mime.charset import decode, meta_charset
from channels.mime.kinds import Invitation
from channels.mime.names import named, type_of
from channels.mime.params import TOKEN as KIND
from channels.mime.params import safe_filename
from channels.mime.text import take_uuencoded, unflow
from channels.mime.tnef import Packed, PackedFile, is_tnef, unpack
from channels.mime.tree import MESSAGE_TYPES, Part, Reader

SHOWN = {"text/plain", "text/html", "text/enriched", "text/richtext"}
MAX_NAMED_TEXT = 32_768  # bytes of a text file that are also shown among the words
MAX_EMBEDDED, MAX_EMBEDDED_DEPTH = 10, 3

Segment = tuple[str | None, str | None]


@dataclass(slots=True)
class Body:
    """What was found so far. A segment is one stretch of the message, as (text, html); either may be missing."""

    segments: list[Segment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    invitation: Invitation | None = None
    packed: Packed | None = None

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


def read_body(root: Part, depth: int = 0) -> Body:
    """Body and attachments of a mail. One without words of its own speaks through what it carries."""
    body = Body()
    body.segments = _segments(root, body, root=True)
    if not any((text or html or "").strip() for text, html in body.segments):
        body.segments += _carried(body, depth)
    for part in root.walk():
        body.defects += part.defects
    body.attachments = list(named(body.attachments))
    return body


def _segments(part: Part, body: Body, *, root: bool = False, attached: bool = False, said: bool = False) -> list[Segment]:
    """What this part says; ``attached`` below a multipart that is itself a file, ``said`` inside an alternative."""
    if part.kind == "multipart/alternative" and part.children and not attached:
        return _alternative(part, body)
    if part.kind.startswith("multipart/"):
        attached = attached or (part.disposition == "attachment" and not root)
        return [segment for child in part.children for segment in _segments(child, body, attached=attached, said=said)]
    if part.children:  # signed as a whole: its words, and it as a file
        found = [segment for child in part.children for segment in _segments(child, body, attached=attached, said=said)]
        _attach(part, body)
        return found
    shown = not attached and _is_shown(part, root, said)
    if not shown or (part.filename and part.disposition == "inline"):
        _attach(part, body)
    if not shown:
        return []
    text = _text(part, body)
    return [(None, text)] if part.kind == "text/html" else [(text, None)]


def _alternative(part: Part, body: Body) -> list[Segment]:
    """One stretch said twice: the texts and the HTML stand beside each other (RFC 2046 §5.1.4)."""
    texts: list[str] = []
    htmls: list[str] = []
    for child in part.children:
        for text, html in _segments(child, body, said=True):
            texts += [text] if text is not None else []
            htmls += [html] if html is not None else []
    return [("\n\n".join(texts) if texts else None, "\n<br>\n".join(htmls) if htmls else None)]


def _is_shown(part: Part, root: bool, said: bool) -> bool:
    """Whether this leaf is words to read rather than a file."""
    if part.kind not in SHOWN or (part.disposition == "attachment" and not (root and not part.filename)):
        return False
    if root or not part.filename:
        return True
    in_disposition = "filename" in part.headers.first("content-disposition").lower()
    if part.disposition == "inline" and in_disposition:
        return part.end - part.start <= MAX_NAMED_TEXT
    return said and not in_disposition


def _carried(body: Body, depth: int) -> list[Segment]:
    """The words of a mail that has none: those packed by Outlook, of its text files, of the messages in it."""
    if body.packed and (body.packed.text.strip() or body.packed.html.strip()):
        return [(body.packed.text or None, body.packed.html or None)]
    texts = [part for part in body.files if part.kind in {"text/plain", "text/html"} and part.disposition != "attachment"]
    if texts:
        found = [(part.kind, _text(part, body)) for part in texts if part.end - part.start <= MAX_NAMED_TEXT]
        return [(None, text) if kind == "text/html" else (text, None) for kind, text in found]
    if depth >= MAX_EMBEDDED_DEPTH:
        return []
    messages = [part for part in body.files if part.kind in MESSAGE_TYPES and part.disposition != "attachment"]
    segments: list[Segment] = []
    for part in messages[:MAX_EMBEDDED]:
        data = _data(part)
        segments += read_body(Reader(data).read(0, len(data)), depth + 1).segments
    return segments


def _text(part: Part, body: Body) -> str:
    data = part.data()
    charset = part.parameters.get("charset") or (meta_charset(data) if part.kind == "text/html" else "")
    text, defect = decode(data, charset)
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
        body.attachments += [Attachment(name, type_of(name), data) for name, data in files]
    return text


def _attach(part: Part, body: Body) -> None:
    """Take a part as a file, and what is inside it where that is a container."""
    data = _data(part)
    inline = part.disposition == "inline" or bool(part.content_id and part.disposition != "attachment")
    body.files.append(part)
    body.attachments.append(Attachment(part.filename or part.location, part.kind, data, inline, part.content_id))
    if body.invitation is None and is_calendar(part.kind, part.filename):
        body.invitation = read_invitation(data, part.parameters.get("charset"), part.parameters.get("method", ""))
    if body.packed is None and is_tnef(part.kind, data):
        body.packed = unpack(data)
        body.defects += body.packed.defects
        body.attachments += [_unpacked(file) for file in body.packed.files]


def _unpacked(file: PackedFile) -> Attachment:
    name = safe_filename(file.name)
    kind = file.content_type if KIND.match(file.content_type) else type_of(name)
    return Attachment(name, kind, file.data, bool(file.content_id), file.content_id)


def _data(part: Part) -> bytes:
    """The bytes of a file; a message as it stands unless it was encoded, against RFC 2046 §5.2.1."""
    return part.raw if part.kind in MESSAGE_TYPES and part.encoding not in {"base64", "quoted-printable"} else part.data()
