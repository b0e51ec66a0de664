"""Received items that could not be interpreted: looking at them, and letting them go."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.header import decode_header, make_header

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from helpdesk import clock, settings
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.inboxes.models import Received

SHOWN_ITEMS = 200
GIVEN_UP = ("time", "memory", "crash", "fatal", "failed")
HEAD_BYTES, HEADER_CHARS = 16_384, 300
TELLING = re.compile(rb"^(from|to|subject|date|message-id):[ \t]*(.{0,2000}(?:\r?\n[ \t].{0,500}){0,5})", re.I | re.M)


def listed() -> list[Received]:
    """What is quarantined, newest first, at most SHOWN_ITEMS."""
    statement = (
        select(Received)
        .options(joinedload(Received.inbox))
        .where(Received.status == "quarantined")
        .order_by(Received.id.desc())
        .limit(SHOWN_ITEMS)
    )
    return list(db.session.scalars(statement))


def get(received_id: int) -> Received:
    """One item with its raw bytes, whatever became of it. Raises NotFound."""
    statement = select(Received).options(undefer(Received.raw), joinedload(Received.inbox))
    found = db.session.scalar(statement.where(Received.id == received_id))
    if found is None:
        raise NotFound(_("There is no such item."))
    return found


def total() -> int:
    """How many items are quarantined."""
    return db.session.scalar(select(func.count()).where(Received.status == "quarantined")) or 0


def ids() -> list[int]:
    """Every quarantined item, oldest first."""
    return list(db.session.scalars(select(Received.id).where(Received.status == "quarantined").order_by(Received.id)))


def why(item: Received) -> str:
    """Why the item became no message, in a sentence."""
    now = settings.current()
    return {
        "time": ngettext(
            "Reading it took more than %(num)s second of computing.",
            "Reading it took more than %(num)s seconds of computing.",
            now.item_seconds,
        ),
        "memory": _("Reading it needed more than %(n)s MB of memory.", n=now.item_megabytes),
        "crash": _("A library crashed while reading it."),
        "fatal": _("The worker ended several times while it was reading it."),
        "history": _("It was there long before the inbox was connected, so it is kept without a ticket."),
        "copy": _("It is a copy of a mail in another folder of the inbox, so it has no ticket of its own."),
    }.get(item.reason) or _("Temas could not interpret it, however often it tried.")


def is_discarded(item: Received) -> bool:
    """Whether somebody gave the item up."""
    return item.status == "ignored" and item.reason in GIVEN_UP


def headers(raw: bytes) -> list[tuple[str, str]]:
    """The header lines that tell people which mail it is, as far as they can be read; for their eyes only."""
    head = raw[:HEAD_BYTES].split(b"\r\n\r\n")[0].split(b"\n\n")[0]
    found = ((match[1].decode().title(), _decoded(match[2])) for match in TELLING.finditer(head))
    return list(dict(reversed([pair for pair in found if pair[1]])).items())[::-1]


def _decoded(value: bytes) -> str:
    text = one_line(value.decode("utf-8", "replace"), HEADER_CHARS)
    try:
        return one_line(str(make_header(decode_header(text))), HEADER_CHARS)
    except (ValueError, LookupError, MessageError):
        return text


def counts() -> dict[int, int]:
    """How many items are quarantined, by inbox."""
    statement = select(Received.inbox_id, func.count()).where(Received.status == "quarantined").group_by(Received.inbox_id)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def discard(received_id: int) -> None:
    """Give a quarantined item up, and commit; its bytes are kept. Raises NotFound, Conflict when it is not quarantined."""
    row = _locked(received_id)
    if row.status != "quarantined":
        db.session.rollback()
        raise Conflict(_("This item is not waiting for a decision any more."))
    row.status, row.reason, row.done_at = "ignored", row.reason or "failed", clock.now()
    db.session.commit()


def take_back(received_id: int) -> None:
    """Quarantine an item again that was given up, and commit. Raises NotFound, Conflict when it was not."""
    row = _locked(received_id)
    if not is_discarded(row):
        db.session.rollback()
        raise Conflict(_("This item was not given up."))
    row.status, row.done_at = "quarantined", None
    db.session.commit()


def _locked(received_id: int) -> Received:
    row = db.session.get(Received, received_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such item."))
    return row
