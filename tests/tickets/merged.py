"""Two tickets to merge, and what is said on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk import reactions
from helpdesk.extensions import db
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.outgoing import reply as replies
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import Cast
from tests.everything import everything

TELLING = {"merged", "merged_into", "unmerged"}


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row, but for the merges and the entries that tell of them."""
    found = everything(but=["ticket_merges"])
    found["entries"] = [row for row in found["entries"] if row["kind"] not in TELLING]
    return found


def two(cast: Cast) -> tuple[Ticket, Ticket]:
    """One person with two tickets: the older one, and the newer one that is merged into it."""
    kept, merged = cast.ticket("Kapak yok"), cast.ticket("Hâlâ kapak yok", text="Kapak hâlâ gelmedi.")
    return kept, merged


def answered(cast: Cast, ticket: Ticket, text: str = "Bakıyoruz.", **options: Any) -> str:
    """The Message-ID of our answer on the ticket."""
    entry = replies.reply(cast.burak, ticket.id, Writing(text=text), undo_seconds=0, **options)
    reactions.react()
    assert entry.message is not None
    return entry.message.message_id


def said(number: int) -> list[str]:
    db.session.rollback()
    found = select(Message.visible_text).where(Message.ticket_id == number).order_by(Message.id)
    return [text.strip() for text in db.session.scalars(found)]
