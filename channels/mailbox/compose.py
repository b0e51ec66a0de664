"""An OutgoingMessage as the bytes of a mail (RFC 5322, 2045, 2047, 2231, 3834); no field can add another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from channels.html.text import html_to_text
from channels.messages import Address, Attachment, OutgoingMessage

CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
LINE_ENDS = re.compile(r"\r\n?|\n")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
CONTENT_TYPE = re.compile(r"([a-z0-9!#$&^_.+-]+)/([a-z0-9!#$&^_.+-]+)")
MAX_REFERENCES = 20
AUTOMATIC = [("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk")]


def compose(message: OutgoingMessage) -> bytes:
    """The mail with CRLF line ends, the same bytes each time but for the boundaries."""
    lines = [f"{name}: {value}" for name, value in _headers(message) if value]
    body: bytes = _body(message).as_bytes(policy=SMTP)
    return "\r\n".join(lines).encode("utf-8") + b"\r\n" + body


def _headers(message: OutgoingMessage) -> list[tuple[str, str]]:
    references = [*message.references, *([message.in_reply_to] if message.in_reply_to else [])]
    return [
        ("Date", format_datetime(message.date or datetime.now(UTC))),
        ("From", format_address(message.sender)),
        ("To", _addresses(message.to or (message.recipient,))),
        ("Cc", _addresses(message.cc)),
        ("Subject", _text(message.subject, "Subject")),
        ("Message-ID", _ids([message.message_id])),
        ("In-Reply-To", _ids([message.in_reply_to])),
        ("References", _ids(bounded(references))),
        ("Content-Language", CONTROL.sub("", message.language)),
        *(AUTOMATIC if message.automatic else []),
    ]


def bounded(references: Iterable[str]) -> list[str]:
    """Each id once, the first and the last of at most 20: the first names the thread, the last ones place the mail."""
    ids = list(dict.fromkeys(filter(None, references)))
    return ids if len(ids) <= MAX_REFERENCES else [ids[0], *ids[1 - MAX_REFERENCES :]]


def format_address(address: Address) -> str:
    """``Name <address>``: quoted when it has special characters, encoded when it is not ASCII."""
    bare = ascii_domain(re.sub(r"[\s<>,;]", "", CONTROL.sub("", address.address)))
    name = " ".join(CONTROL.sub(" ", address.name).split())
    if not name:
        return bare
    if not name.isascii() or "=?" in name:
        return f"{Header(name, 'utf-8', maxlinelen=70).encode(linesep=chr(13) + chr(10))} <{bare}>"
    if not ATOMS.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{bare}>"


def ascii_domain(address: str) -> str:
    """The address with its domain in ASCII (RFC 5891), so that SMTPUTF8 is needed for the local part alone."""
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


def _addresses(addresses: Iterable[Address]) -> str:
    return ",\r\n ".join(map(format_address, addresses))


def _text(text: str, name: str) -> str:
    line = " ".join(CONTROL.sub(" ", text).split())
    charset = "us-ascii" if line.isascii() and "=?" not in line else "utf-8"
    return Header(line, charset, maxlinelen=76, header_name=name).encode(linesep="\r\n")


def _ids(ids: Iterable[str]) -> str:
    clean = (re.sub(r"[\s<>]", "", CONTROL.sub("", each)) for each in ids)
    return "\r\n ".join(f"<{each}>" for each in clean if each)


def _body(message: OutgoingMessage) -> EmailMessage:
    """Text, HTML beside it, images inside the HTML, then files."""
    mail = EmailMessage(policy=SMTP)
    _set(mail.set_content, message.text or html_to_text(message.html), "plain")
    if message.html:
        _set(mail.add_alternative, message.html, "html")
    page = mail.get_body(("html",)) if message.html else None
    for item in message.attachments:
        if page is None or not (item.inline and item.content_id):
            _attach(mail.add_attachment, item, disposition="attachment")
        elif isinstance(page, EmailMessage):
            _attach(page.add_related, item, disposition="inline", cid=_ids([item.content_id]))
    return mail


def _attach(add: Callable[..., None], item: Attachment, **options: str) -> None:
    """Add the bytes; a mail inside a mail goes as a file, as its parts may not be re-encoded (RFC 2046 §5.2.1)."""
    match = CONTENT_TYPE.fullmatch(item.content_type.lower())
    kind = (match[1], match[2]) if match and match[1] not in {"message", "multipart"} else ("application", "octet-stream")
    name = CONTROL.sub("", item.filename).replace("/", "_").replace("\\", "_")
    add(item.data, *kind, **options, **({"filename": name} if name else {}))


def _set(setter: Callable[..., None], text: str, subtype: str) -> None:
    text = LINE_ENDS.sub("\n", re.sub("[\x00\ud800-\udfff]", "\ufffd", text))
    fits = text.isascii() and all(len(line) < 900 for line in text.split("\n"))
    charset, encoding = ("us-ascii", "7bit") if fits else ("utf-8", "quoted-printable")
    setter(text if text.endswith("\n") else f"{text}\n", subtype=subtype, charset=charset, cte=encoding)
