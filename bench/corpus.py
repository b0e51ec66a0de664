"""A seeded corpus of raw mails: 40 % threaded replies, 30 % HTML, 15 % with attachments, 45 % Turkish 8-bit, 4 % dirty.

The same seed gives the same bytes. Every mail knows which conversation it belongs to, so that the outcome can be checked.
"""

from __future__ import annotations

import base64
import hashlib
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import words
from bench.dirt import soiled

SUPPORT = "support@bench.example"
REPLIES, HTML, ATTACHED, EIGHT_BIT, DIRTY = 0.40, 0.30, 0.15, 0.45, 0.04
ATTACHMENT_BYTES = (50_000, 500_000)


@dataclass
class Conversation:
    """What one customer writes about one matter."""

    number: int
    address: str
    name: str
    subject: str
    turkish: bool
    ids: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mail:
    """One raw mail: what must become of it is known."""

    raw: bytes
    conversation: int
    attachments: tuple[bytes, ...]  # sha256 of each
    dirty: bool

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.raw).digest()


def mails(count: int, seed: int = 1042) -> Iterator[Mail]:
    """Yield the corpus in the order of its arrival."""
    rng = random.Random(seed)
    open_conversations: list[Conversation] = []
    opened = 0
    for index in range(count):
        if open_conversations and rng.random() < REPLIES:
            conversation = rng.choice(open_conversations[-400:])
            yield _mail(rng, index, conversation)
            continue
        opened += 1
        conversation = _conversation(rng, opened, seed)
        mail = _mail(rng, index, conversation, dirty=rng.random() < DIRTY / (1 - REPLIES))
        if not mail.dirty:
            open_conversations.append(conversation)
        yield mail


def _conversation(rng: random.Random, number: int, seed: int) -> Conversation:
    turkish = rng.random() < EIGHT_BIT + 0.1
    name = rng.choice(words.TURKISH_NAMES if turkish else words.ENGLISH_NAMES)
    subject = rng.choice(words.TURKISH_SUBJECTS if turkish else words.ENGLISH_SUBJECTS)
    address = f"customer{seed}-{number // 2}@mail{number % 7}.example"  # some customers write about several matters
    return Conversation(number, address, name, f"{subject} {number}", turkish)


def _mail(rng: random.Random, index: int, conversation: Conversation, *, dirty: bool = False) -> Mail:
    reply = bool(conversation.ids)
    charset = rng.choice(("iso-8859-9", "windows-1254")) if conversation.turkish and rng.random() < 0.82 else "utf-8"
    message_id = f"<{index}.{rng.getrandbits(64):x}@mail.example>"
    headers = _headers(rng, index, conversation, message_id, charset)
    attachments = [_attachment(rng, index)] if rng.random() < ATTACHED else []
    body = _body(rng, conversation, charset, reply, attachments)
    conversation.ids.append(message_id)
    raw = "\r\n".join(headers).encode("ascii") + b"\r\n" + body
    if dirty:
        return Mail(soiled(rng, raw), conversation.number, (), dirty=True)
    shas = tuple(hashlib.sha256(data).digest() for data in attachments)
    return Mail(raw, conversation.number, shas, dirty=False)


def _headers(rng: random.Random, index: int, conversation: Conversation, message_id: str, charset: str) -> list[str]:
    subject, at = conversation.subject, f"Mon, 16 Nov 2026 10:{index // 60 % 60:02}:{index % 60:02} +0300"
    headers = [
        f"Return-Path: <{conversation.address}>",
        f"Received: from mx{index % 9}.mail.example (mx.mail.example [192.0.2.{index % 250 + 1}]) by mail.bench.example "
        f"with ESMTPS id {rng.getrandbits(40):x} for <{SUPPORT}>; {at}",
        f"Date: {at}",
        f"From: {encoded(conversation.name, charset)} <{conversation.address}>",
        f"To: Bench Support <{SUPPORT}>",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
    ]
    if not conversation.ids:
        return [*headers, f"Subject: {encoded(subject, charset)}"]
    answered = rng.choice(conversation.ids)
    prefix = "YNT: " if conversation.turkish else "Re: "
    headers.append(f"Subject: {encoded(prefix + subject, charset)}")
    if rng.random() < 0.8:
        headers.append(f"In-Reply-To: {answered}")
    headers.append("References: " + "\r\n ".join(conversation.ids[-12:]))
    return headers


def encoded(text: str, charset: str) -> str:
    """The text as an RFC 2047 encoded word, or as it is when it is ASCII."""
    if text.isascii():
        return text
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def _body(rng: random.Random, conversation: Conversation, charset: str, reply: bool, attachments: list[bytes]) -> bytes:
    text = _text(rng, conversation, reply)
    content = _alternative(rng, text, charset) if rng.random() < HTML else _plain(text, charset)
    if not attachments:
        return content
    boundary = f"mixed{rng.getrandbits(60):x}"
    parts = [b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n' % (boundary.encode(), boundary.encode())]
    parts.append(content)
    for position, data in enumerate(attachments, 1):
        name = encoded(f"fotoğraf {position}.jpg" if conversation.turkish else f"photo {position}.jpg", "utf-8")
        parts.append(
            f'\r\n--{boundary}\r\nContent-Type: image/jpeg; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'.encode()
        )
        parts.append(base64.encodebytes(data).replace(b"\n", b"\r\n"))
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts)


def _text(rng: random.Random, conversation: Conversation, reply: bool) -> str:
    sentences = words.TURKISH if conversation.turkish else words.ENGLISH
    paragraphs = [" ".join(rng.choices(sentences, k=rng.randint(1, 5))) for _ in range(rng.randint(1, 5))]
    text = "\n\n".join([*paragraphs, conversation.name])
    if not reply:
        return text
    line = (
        f"16 Kas 2026 Pzt, 10:02 tarihinde Bench Support <{SUPPORT}> şunu yazdı:"
        if conversation.turkish
        else f"On Mon, 16 Nov 2026 at 10:02, Bench Support <{SUPPORT}> wrote:"
    )
    quoted = "\n".join(f"> {rng.choice(sentences)}" for _ in range(rng.randint(2, 12)))
    return f"{text}\n\n{line}\n\n{quoted}\n"


def _plain(text: str, charset: str) -> bytes:
    head = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
    return head + text.replace("\n", "\r\n").encode(charset, "replace") + b"\r\n"


def _alternative(rng: random.Random, text: str, charset: str) -> bytes:
    boundary = f"alt{rng.getrandbits(60):x}"
    paragraphs = "".join(
        f'<p style="margin:0 0 12px;font-family:Arial,sans-serif;font-size:14px;color:#222222">{part}</p>\n'
        for part in text.replace("&", "&amp;").replace("<", "&lt;").split("\n")
    )
    html = f'<html><head><style>p {{ margin: 0 }}</style></head><body><div dir="ltr">{paragraphs}</div></body></html>'
    head = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'.encode()
    middle = f"\r\n--{boundary}\r\n".encode()
    return head + _plain(text, charset) + middle + _html(html, charset) + f"\r\n--{boundary}--\r\n".encode()


def _html(html: str, charset: str) -> bytes:
    head = f"Content-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return head + base64.encodebytes(html.encode(charset, "replace")).replace(b"\n", b"\r\n")


def _attachment(rng: random.Random, index: int) -> bytes:
    """Bytes that compress as badly as a photograph, different for each mail."""
    size = rng.randint(*ATTACHMENT_BYTES)
    return b"\xff\xd8\xff\xe0" + zlib.crc32(b"%d" % index).to_bytes(4, "big") + rng.randbytes(size - 8)
