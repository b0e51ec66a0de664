"""An interpreted message as rows: the message, its attachments, and their contents once each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from channels.messages import Address, IncomingMessage
from channels.messages import Attachment as IncomingFile
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.tickets.cards import cards_of
from helpdesk.tickets.models import Attachment, Blob, Message, Ticket

SUBJECT_CHARS = 500
ADDRESS_CHARS = 320


def message_of(ticket: Ticket, channel: str, incoming: IncomingMessage, received_id: int, **values: Any) -> Message:
    """Add the message to the ticket within the caller's transaction. ``values``: direction, writer and origin."""
    message = Message(
        ticket=ticket,
        channel=channel,
        received_id=received_id,
        subject=storable(incoming.subject, SUBJECT_CHARS),
        text=storable(incoming.text),
        html=storable(incoming.html),
        visible_text=storable(incoming.visible_text or incoming.text),
        to=_plain(incoming.to),
        cc=_plain(incoming.cc),
        message_id=storable(incoming.message_id, 1000),
        in_reply_to=storable(incoming.in_reply_to[0] if incoming.in_reply_to else "", 1000),
        automatic=incoming.automatic,
        defects=[storable(defect, 500) for defect in incoming.defects[:100]],
        cards=cards_of(incoming),
        sent_at=incoming.sent_at,
        created_at=clock.now(),
        **values,
    )
    message.attachments = [_attachment(position, item) for position, item in enumerate(incoming.attachments)]
    db.session.add(message)
    return message


def store_blobs(contents: Iterable[bytes]) -> None:
    """Store these contents; known ones are left alone."""
    rows = [{"sha256": hashlib.sha256(data).digest(), "size": len(data), "data": data} for data in contents]
    if rows:
        db.session.execute(insert(Blob).on_conflict_do_nothing(), rows)


def _plain(addresses: Sequence[Address]) -> list[dict[str, str]]:
    return [
        {"address": storable(item.address, ADDRESS_CHARS), "name": one_line(item.name, 200)} for item in addresses[:1000]
    ]


def _attachment(position: int, item: IncomingFile) -> Attachment:
    return Attachment(
        position=position,
        filename=one_line(item.filename, 255),
        content_type=one_line(item.content_type, 255),
        size=len(item.data),
        sha256=hashlib.sha256(item.data).digest(),
        inline=item.inline,
        content_id=one_line(item.content_id, 255),
        created_at=clock.now(),
    )
