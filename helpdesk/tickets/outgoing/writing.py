"""What an agent has written, stored as a message: cleaned, with his uploads, and no larger than the inbox can send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from channels.html.text import html_to_text
from helpdesk import clock, written_html
from helpdesk.agents.models import Agent
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import outline
from helpdesk.tickets.models import Attachment, Message, Ticket


@dataclass(frozen=True, slots=True)
class Writing:
    """What an agent has written: text, or HTML from which the text is made; ids of his uploads."""

    text: str = ""
    html: str = ""
    uploads: Sequence[int] = field(default_factory=tuple)


def store(
    agent: Agent, ticket: Ticket, writing: Writing, direction: str, *, subject: str = "",
    along: Sequence[Attachment] = (), may_be_empty: bool = False,
) -> Message:  # fmt: skip
    """Add the message with its files, those of ``along`` after his own, within the caller's transaction.

    Raises Invalid when there is nothing to send, a file is gone, or all files are more than the inbox can send.
    """
    html = written_html.clean_written(writing.html, mentions=direction == "note") if writing.html else ""
    text = storable(writing.text or html_to_text(html)).strip()
    files = [*_uploads(agent, writing.uploads), *along]
    if not (text or files or "<img" in html or may_be_empty):
        raise Invalid(_("There is nothing to send yet: write something first."), errors={"text": [_("Write something.")]})
    if direction == "outbound":
        _refuse_too_large(ticket.inbox, files)
    message = Message(
        ticket=ticket, direction=direction, channel=ticket.channel, agent=agent, subject=subject, text=text,
        html=storable(html), visible_text=text, created_at=clock.now(),
    )  # fmt: skip
    message.attachments = files
    for position, file in enumerate(files):
        file.position = position
    db.session.add(message)
    return message


def subject_of_answer(ticket: Ticket) -> str:
    """The subject of an answer, with the tag by which a mail program that keeps nothing else brings the ticket back."""
    plain = ticket.subject if ticket.subject.lower().startswith("re:") else f"Re: {ticket.subject}"
    return plain if f"[#{ticket.id}]" in plain else f"{plain} [#{ticket.id}]"


def _refuse_too_large(inbox: Inbox, files: Sequence[Attachment]) -> None:
    limit, size = outline(inbox).file_bytes(), sum(file.size for file in files)
    if limit is None or size <= limit:
        return
    sentence = _(
        "The files have %(size)s MB; a message of this inbox can carry %(limit)s MB. Remove some, or send a link.",
        size=_megabytes(size), limit=_megabytes(limit),
    )  # fmt: skip
    raise Invalid(sentence, errors={"uploads": [sentence]})


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f}"


def _uploads(agent: Agent, ids: Sequence[int]) -> list[Attachment]:
    if not ids:
        return []
    statement = select(Attachment).where(
        Attachment.id.in_(ids), Attachment.agent_id == agent.id, Attachment.message_id.is_(None), Attachment.kept.is_(False)
    )
    found = {file.id: file for file in db.session.scalars(statement.with_for_update())}
    if len(found) < len(set(ids)):
        raise Invalid(_("A file is gone: attach it again."), errors={"uploads": [_("Attach the file again.")]})
    return [found[key] for key in dict.fromkeys(ids)]
