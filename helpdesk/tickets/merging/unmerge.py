"""Undoing a merge: both tickets are what they were before, and whatever came through the merged one's mails goes to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Column, select, update

from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.merging import drafts, families, moving, waiting
from helpdesk.tickets.merging.models import TicketMerge
from helpdesk.tickets.models import Entry, Message, Ticket
from helpdesk.tickets.timeline import by_agent, changed, record
from helpdesk.undoable import hand_over, set_all, take_back

_APART = {"synchronize_session": False}


def undo(agent: Agent, merge_id: int) -> TicketMerge:
    """Make two tickets of one again, and commit. What was written on the kept one since stays there.

    Raises NotFound for a stranger to either, Conflict when it is undone already or the kept one was merged meanwhile.
    """
    found = get(agent, merge_id)
    tickets = families.lock({found.kept_id, found.merged_id})
    kept, merged = tickets[found.kept_id], tickets[found.merged_id]
    db.session.refresh(found, with_for_update=True)
    if found.undone_at is not None:
        raise Conflict(_("This merge is undone already."))
    if kept.merged_into_id is not None:
        sentence = _("The ticket was merged into #%(number)s afterwards: undo that first.", number=kept.merged_into_id)
        raise Conflict(sentence, extra={"merged_into": kept.merged_into_id})
    since = _part(found, kept, merged)
    found.undone_at = clock.now()
    _tell(agent, found, kept, merged, len(since))
    db.session.commit()
    return found


def get(agent: Agent, merge_id: int) -> TicketMerge:
    """A merge of two tickets that the agent sees. Raises NotFound for a stranger."""
    found = db.session.get(TicketMerge, merge_id)
    if found is None:
        raise NotFound(_("This merge does not exist, or is not yours to see."))
    for number in (found.kept_id, found.merged_id):
        queries.get(agent, number)
    return found


def of(ticket: Ticket) -> TicketMerge | None:
    """The merge that took this ticket away; None when it stands for itself."""
    if ticket.merged_into_id is None:
        return None
    standing = select(TicketMerge).where(TicketMerge.merged_id == ticket.id, TicketMerge.undone_at.is_(None))
    return db.session.scalar(standing.order_by(TicketMerge.id.desc()).limit(1))


def _part(found: TicketMerge, kept: Ticket, merged: Ticket) -> Sequence[Entry]:
    """Move everything back; returns the entries that came in since."""
    moved = found.moved
    rows: dict[str, list[int]] = moved["rows"]
    since = _since(kept, families.merged_into(merged.id), rows)
    also = {"entries": [one.id for one in since], "messages": [one.message_id for one in since if one.message_id]}
    for column in moving.columns():
        name = column.table.name
        hand_over(column, _still_there(column, kept.id, [*rows.get(name, []), *also.get(name, [])]), merged.id)
    back = update(Entry).where(Entry.ticket_id == merged.id, Entry.came_from_id == merged.id)
    db.session.execute(back.values(came_from_id=None), execution_options=_APART)
    drafts.give_back(kept, moved["drafts"])
    waiting.give_back(kept, moved["carried"])
    waiting.start_again(merged, moved["stopped"])
    take_back(kept, moved["kept"])
    take_back(merged, {name: both for name, both in moved["merged"].items() if name != "merged_into_id"})
    merged.merged_into_id = None
    db.session.flush()
    if since:
        _catch_up(kept, merged, since)
    return since


def _since(kept: Ticket, family: Collection[int], rows: dict[str, list[int]]) -> Sequence[Entry]:
    """What came in through the mails of the merged ticket, or in one of its side conversations, after the merge."""
    sides = rows.get("side_conversations", [])
    statement = (
        select(Entry)
        .outerjoin(Message, Message.id == Entry.message_id)
        .where(
            Entry.ticket_id == kept.id,
            Entry.id.not_in(rows.get("entries", [])),
            Entry.came_from_id.in_(family) | Message.side_conversation_id.in_(sides),
        )
    )
    return db.session.scalars(statement.order_by(Entry.id)).all()


def _still_there(column: Column[Any], kept_id: int, ids: Sequence[int]) -> Any:
    return (column == kept_id) & column.table.c.id.in_(ids)


def _catch_up(kept: Ticket, merged: Ticket, since: Sequence[Entry]) -> None:
    """Let what came in since do to the merged ticket what it would have done, and no more to the other."""
    for thing in since:
        db.session.refresh(thing)
        if thing.customer_id == kept.customer_id:
            thing.customer_id = merged.customer_id
    waiting.forget(kept, {one.occurred_at for one in since})
    db.session.flush()
    set_all(kept, {**moving.last_said(kept), **waiting.nearest(kept)})
    set_all(merged, moving.last_said(merged))
    inbound = [one for one in since if one.message and one.message.direction == "inbound"]
    if inbound:
        merged.unread = True
    if any(one.kind == "message" and one.message and not one.message.automatic for one in inbound):
        set_all(merged, {} if merged.is_working else {"status": "open", "closed_at": None})
        for one in since:
            one.reacted_at = None  # its clocks are this ticket's now


def _tell(agent: Agent, found: TicketMerge, kept: Ticket, merged: Ticket, since: int) -> None:
    line = select(Entry).where(Entry.ticket_id.in_((kept.id, merged.id)), Entry.kind.in_(("merged", "merged_into")))
    for entry in db.session.scalars(line):
        if entry.data.get("merge") == found.id:
            entry.data = {**entry.data, "undone": True}
    for ticket, other, way in ((kept, merged, "gone"), (merged, kept, "back")):
        record(ticket, "unmerged", by_agent(agent), data={"ticket": other.id, "way": way, "since": since})
        changed(ticket)
