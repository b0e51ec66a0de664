"""``helpdesk mail``: look at mails and bodies the way the inbox does, one JSON line for each."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from channels.messages import Address, IncomingMessage
from channels.mime.message import read_mail
from channels.visible.reply import Visible, visible_html, visible_text
from helpdesk.safe_html import sanitise

BLOCK = 65_536
stdin0_option = click.option("--stdin0", is_flag=True, help="Read NUL-separated items; answer each as it is read.")


@click.group()
def mail() -> None:
    """Read mails and bodies as the inbox reads them."""


@mail.command("inspect")
@click.argument("files", nargs=-1)
@stdin0_option
def inspect_command(files: tuple[str, ...], stdin0: bool) -> None:
    """Print one JSON line for each raw mail; - is the standard input."""
    names = (item.decode("utf-8", "surrogateescape") for item in nul_separated(sys.stdin.buffer)) if stdin0 else files
    for name in names:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except (OSError, ValueError) as error:
            answer({"error": str(error), "defects": [f"cannot be read: {error}"]})
            continue
        answer(describe(read_mail(raw)))


@mail.command("sanitise")
@stdin0_option
def sanitise_command(stdin0: bool) -> None:
    """Turn HTML on the standard input into safe HTML."""
    each_document(stdin0, sanitise, lambda safe: safe)


@mail.command("visible-reply")
@click.option("--html", is_flag=True, help="The body is HTML.")
@stdin0_option
def visible_reply_command(html: bool, stdin0: bool) -> None:
    """Print what is new in a body, without quoted history and signature."""
    each_document(stdin0, visible_html if html else visible_text, lambda found: found.visible)


def each_document(stdin0: bool, treat: Callable[[str], Any], only: Callable[[Any], str]) -> None:
    """Treat one document, or with ``stdin0`` every one as it comes."""
    if not stdin0:
        text = only(treat(text_of(sys.stdin.buffer.read())))
        click.echo(text.encode("utf-8", "replace"), nl=not text.endswith("\n"))
        return
    for item in nul_separated(sys.stdin.buffer):
        found = treat(text_of(item))
        answer(parts(found) if isinstance(found, Visible) else found)


def nul_separated(stream: BinaryIO) -> Iterator[bytes]:
    """Every NUL-terminated item as soon as its NUL was read, and what follows the last one, if anything does."""
    rest = b""
    while block := stream.read1(BLOCK) if hasattr(stream, "read1") else stream.read(BLOCK):
        *items, rest = (rest + block).split(b"\0") if b"\0" in block else (rest + block,)
        yield from items
    if rest:
        yield rest


def answer(value: Any) -> None:
    """One line of JSON, flushed: whoever asks may be waiting for it."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    sys.stdout.flush()


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def parts(found: Visible) -> dict[str, str]:
    return {"visible": found.visible, "signature": found.signature, "hidden": found.hidden}


def describe(message: IncomingMessage) -> dict[str, Any]:
    """A message as JSON for people and programs; attachments by their digest."""
    return {
        "subject": message.subject,
        "from": message.sender.address,
        "from_name": message.sender.name,
        "reply_to": addresses(message.reply_to),
        "to": addresses(message.to),
        "cc": addresses(message.cc),
        "date": message.sent_at.isoformat() if message.sent_at else None,
        "message_id": message.message_id,
        "in_reply_to": message.in_reply_to[0] if message.in_reply_to else "",
        "references": list(message.references),
        "text": message.text,
        "html": message.html,
        "visible_reply": message.visible_text,
        "signature": message.signature,
        "attachments": [attachment(item) for item in message.attachments],
        "auto_submitted": message.automatic,
        "bounce": bounce(message),
        "authentication": [{"method": method, "result": result} for method, result in message.authentication],
        "invitation": message.invitation.as_dict() if message.invitation else None,
        "protection": message.protection.as_dict() if message.protection else None,
        "defects": list(message.defects),
    }


def addresses(found: tuple[Address, ...]) -> list[str]:
    return [each.address for each in found]


def attachment(item: Any) -> dict[str, Any]:
    return {
        "filename": item.filename,
        "content_type": item.content_type,
        "size": len(item.data),
        "inline": item.inline,
        "content_id": item.content_id,
        "sha256": hashlib.sha256(item.data).hexdigest(),
    }


def bounce(message: IncomingMessage) -> dict[str, Any]:
    found = message.bounce
    recipients = found.recipients if found else ()
    return {
        "is_bounce": found is not None,
        "recipients": [{"address": one, "status": code, "permanent": final} for one, code, final in recipients],
        "original_message_id": found.original_message_id if found else "",
    }
