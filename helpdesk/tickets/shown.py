"""A message as a timeline shows it: its words, its quoted history, its files, and the frame with the mail as it was sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from markupsafe import Markup

from channels import registry
from helpdesk import written_html
from helpdesk.file_names import Danger, danger, shown_name
from helpdesk.template_helpers import paragraphs
from helpdesk.tickets import cards
from helpdesk.tickets.models import Attachment, Message

THUMBS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MAILS = frozenset({"message/rfc822", "message/global"})
MAIL_BYTES = 10_000_000
"""The largest enclosed mail that is read while somebody waits."""
_FORMATTED = re.compile(r"<(?:img|table|ul|ol|h[1-6])\b", re.IGNORECASE)
_TAGS = re.compile(r"\s*\[#\d+(?:/\d+)?\]")
_CID = re.compile(r'src="cid:([^"]+)"')


@dataclass(frozen=True, slots=True)
class File:
    filename: str
    size: int
    url: str
    thumb: str  # URL of something small to show, or ""
    danger: Danger  # what to know before opening it
    mail: str  # URL under which an enclosed mail can be read, or ""


@dataclass(frozen=True, slots=True)
class Shown:
    """``rich`` is safe HTML that our own agents wrote; otherwise text, and a ``frame`` when the mail had HTML."""

    rich: Markup
    paragraphs: Sequence[Sequence[str]]
    hidden: Sequence[str]
    frame: str
    frame_first: bool  # the text alone would lose what matters
    files: Sequence[File]


def install(app: Flask) -> None:
    """Give templates what they ask about a message."""
    app.jinja_env.globals.update(
        message_view=message_view,
        message_meeting=cards.meeting,
        message_protection=cards.protection,
        attachment_url=attachment_url,
        can_forward=can_forward,
        forwarded_subject=forwarded_subject,
        side_reply=side_reply,
    )


def can_forward(message: Message) -> bool:
    """Whether its channel can carry a message to somebody who is not its customer."""
    return message.direction != "note" and registry.get(message.channel).capabilities.cc


def forwarded_subject(message: Message) -> str:
    """The subject under which a message is passed on, without our own tags."""
    plain = _TAGS.sub("", message.subject).strip()
    return plain if plain.lower().startswith(("fwd:", "fw:", "ilt:")) else f"Fwd: {plain}"


def side_reply(message: Message) -> dict[str, Any]:
    """What a composer must know to go on in the side conversation of this message."""
    people = message.side_conversation.people if message.side_conversation else []
    to = message.sender if message.direction == "inbound" else next(iter(people), None)
    others = [person for person in people if to and person["address"] != to["address"]]
    return {"id": message.side_conversation_id, "to": [to] if to else [], "cc": others}


def message_view(message: Message) -> Shown:
    """What to show of this message; the same for every reader."""
    files = [_file(file) for file in message.attachments if not file.inline]
    if message.html and message.direction != "inbound":
        return Shown(_rich(message), (), (), "", False, files)
    frame = f"/tickets/{message.ticket_id}/messages/{message.id}/frame" if message.html else ""
    visible = message.visible_text or message.text
    is_formatted = bool(frame) and _FORMATTED.search(message.html) is not None
    return Shown(Markup(), paragraphs(visible), _hidden(message.text, visible), frame, is_formatted, files)


def inline_urls(message: Message) -> dict[str, str]:
    """Content-ID → address, for the images that stand within the message."""
    return {file.content_id: attachment_url(file) for file in message.attachments if file.content_id}


def attachment_url(file: Attachment) -> str:
    """The address of a file, with its name for whoever saves it."""
    return f"/attachments/{file.id}/{quote(shown_name(file.filename), safe='')}"


def _rich(message: Message) -> Markup:
    urls = inline_urls(message)
    clean = written_html.clean_written(message.html, mentions=message.direction == "note")
    return Markup(_CID.sub(lambda found: f'src="{urls.get(found[1], "")}"', clean))  # noqa: S704  # cleaned by nh3


def _hidden(text: str, visible: str) -> list[str]:
    """The lines that were sent but are not new: what follows the visible part, or all that is not in it."""
    rest = text.removeprefix(visible) if text.startswith(visible) else _without(text, visible)
    return [line for line in rest.strip("\n").split("\n") if line.strip()]


def _without(text: str, visible: str) -> str:
    shown = set(visible.split("\n"))
    return "\n".join(line for line in text.split("\n") if line not in shown)


def _file(file: Attachment) -> File:
    url = attachment_url(file)
    small = file.content_type in THUMBS and file.size <= 3_000_000
    mail = f"/enclosed/{file.id}" if file.content_type in MAILS and file.size <= MAIL_BYTES else ""
    return File(shown_name(file.filename), file.size, url, url if small else "", danger(file.filename), mail)
