"""Received items that could not be interpreted: looking at them, and letting them go."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from helpdesk import clock
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Received

SHOWN_ITEMS = 200


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


def counts() -> dict[int, int]:
    """How many items are quarantined, by inbox."""
    statement = select(Received.inbox_id, func.count()).where(Received.status == "quarantined").group_by(Received.inbox_id)
    return {row[0]: row[1] for row in db.session.execute(statement)}


def discard(received_id: int) -> None:
    """Give a quarantined item up, and commit; its bytes are kept. Raises NotFound, Conflict when it is not quarantined."""
    row = db.session.get(Received, received_id, with_for_update=True)
    if row is None:
        raise NotFound(_("There is no such item."))
    if row.status != "quarantined":
        db.session.rollback()
        raise Conflict(_("This item is not waiting for a decision any more."))
    row.status, row.done_at = "ignored", clock.now()
    db.session.commit()
