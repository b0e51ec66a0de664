"""Half-typed answers of a merged ticket are found again on the other one; the merged ticket keeps its own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from helpdesk.extensions import db
from helpdesk.tickets.models import Draft, Ticket


def carry_over(merged: Ticket, kept: Ticket) -> list[dict[str, Any]]:
    """Add each agent's draft to the one that he may have on the kept ticket; returns what was there and is now."""
    drafts = db.session.scalars(select(Draft).where(Draft.ticket_id == merged.id)).all()
    return [_add(draft, kept) for draft in drafts]


def give_back(kept: Ticket, carried: list[dict[str, Any]]) -> None:
    """Take the additions away again, where nobody has gone on writing."""
    for one in carried:
        draft = db.session.get(Draft, (one["agent"], kept.id), with_for_update=True)
        if draft is None or draft.html != one["after"]:
            continue
        if one["before"] is None:
            db.session.delete(draft)
        else:
            draft.html, draft.sequence = one["before"], one["sequence"]


def _add(draft: Draft, kept: Ticket) -> dict[str, Any]:
    mine = db.session.get(Draft, (draft.agent_id, kept.id), with_for_update=True)
    before, sequence = (mine.html, mine.sequence) if mine else (None, 0)
    if mine is None:
        mine = Draft(agent_id=draft.agent_id, ticket_id=kept.id, kind=draft.kind, updated_at=draft.updated_at)
        db.session.add(mine)
    mine.html = (before or "") + draft.html
    mine.sequence = max(sequence, draft.sequence) + 1
    return {"agent": draft.agent_id, "before": before, "sequence": sequence, "after": mine.html}
