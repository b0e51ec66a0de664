"""Names for attachments that came without one: the same mail gives the same names on every machine."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import replace

from channels.messages import Attachment
from channels.mime.headers import read_headers
from channels.mime.params import safe_filename
from channels.mime.tree import MESSAGE_TYPES

EXTENSIONS = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "text/calendar": ".ics",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/octet-stream": ".bin",
    "application/ms-tnef": ".dat",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/rfc822-headers": ".txt",
    "text/rfc822-headers": ".txt",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
}
NAME_IN_ID = re.compile(r"^([^@/\\]{1,100}\.(?:png|gif|jpe?g|bmp|webp|svg|tiff?|emz|wmz|pdf))(?:@|$)", re.IGNORECASE)
MAX_SUBJECT = 100
KNOWN_TYPES = mimetypes.MimeTypes()  # not the functions of the module: those also read the machine's own lists


def named(attachments: list[Attachment]) -> tuple[Attachment, ...]:
    """The attachments, each with a name: its own, its message's subject, its content id's, or ``attachment-1.pdf``."""
    return tuple(
        item if item.filename else replace(item, filename=_subject(item) or _by_id(item) or _numbered(number, item))
        for number, item in enumerate(attachments, start=1)
    )


def type_of(name: str) -> str:
    return KNOWN_TYPES.guess_type(name)[0] or "application/octet-stream"


def _subject(item: Attachment) -> str:
    if item.content_type not in MESSAGE_TYPES:
        return ""
    headers, _body, _defects = read_headers(item.data, 0, len(item.data))
    subject = safe_filename(re.sub(r"[/\\:*?\"<>|]+", " ", headers.text("subject")))[:MAX_SUBJECT].strip(" .")
    return f"{subject}.eml" if subject else ""


def _by_id(item: Attachment) -> str:
    found = NAME_IN_ID.match(item.content_id)
    return safe_filename(found[1]) if found else ""


def _numbered(number: int, item: Attachment) -> str:
    extension = EXTENSIONS.get(item.content_type) or KNOWN_TYPES.guess_extension(item.content_type) or ".bin"
    return f"attachment-{number}{extension}"
