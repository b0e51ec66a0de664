"""A mail that came as a file of another: read by the channel that brought it, for the page that shows it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from flask_babel import gettext as _

from channels.messages import Attachment as IncomingFile
from channels.messages import IncomingMessage, RawItem
from helpdesk.agents.models import Agent
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.remote import type_of
from helpdesk.tickets import queries
from helpdesk.tickets.blobs import BlobReader
from helpdesk.tickets.incoming.reading import read_now
from helpdesk.tickets.models import Attachment, Message
from helpdesk.tickets.shown import MAIL_BYTES, MAILS

EMBEDDED_BYTES = 2_000_000
"""How much of its own pictures an enclosed mail may show within itself."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The mail, the file that it is, and the message that the file belongs to."""

    mail: IncomingMessage
    file: Attachment
    message: Message


def read(agent: Agent, attachment_id: int) -> Enclosed:
    """Read an enclosed mail that the agent may see.

    Raises NotFound for a stranger, and when the file is no mail; Invalid when it costs too much to read.
    """
    file = queries.attachment(agent, attachment_id)
    if file.message is None or file.content_type not in MAILS or file.size > MAIL_BYTES:
        raise NotFound(_("This file is no mail that could be read here."))
    raw, inbox = RawItem(str(file.id), BlobReader(file.sha256, file.size).read()), file.message.ticket.inbox
    db.session.commit()
    found = next((item for item in read_now(inbox, raw) if isinstance(item, IncomingMessage)), None)
    if found is None:
        raise NotFound(_("This file is no mail that could be read here."))
    return Enclosed(found, file, file.message)


def part(enclosed: Enclosed, index: int) -> IncomingFile:
    """A file of the enclosed mail, by its place. Raises NotFound."""
    if index >= len(enclosed.mail.attachments):
        raise NotFound(_("This file does not exist, or is not yours to see."))
    return enclosed.mail.attachments[index]


def embedded(mail: IncomingMessage) -> dict[str, str]:
    """Content-ID → data URL, for small pictures that stand within the mail."""
    found: dict[str, str] = {}
    left = EMBEDDED_BYTES
    for file in mail.attachments:
        kind = type_of(file.data)
        if file.content_id and kind and len(file.data) <= left:
            left -= len(file.data)
            found[file.content_id] = f"data:{kind};base64,{base64.b64encode(file.data).decode()}"
    return found
