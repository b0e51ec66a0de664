"""Two tickets about one matter become one: what was said on the one is read, and answered, on the other.

The merged ticket stays, closed, with a link; its addresses and Message-IDs stay with it, so that answers to its mails are
known by them and still let in nobody who takes part in neither (helpdesk.tickets.incoming.thread).
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update

from helpdesk import clock
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.actions import MOST_TAGS
from helpdesk.tickets.merging import drafts, families, moving, waiting
from helpdesk.tickets.merging.models import TicketMerge
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.timeline import by_agent, record
from helpdesk.undoable import hand_over, set_all

SEARCHED_CHARS = 4000


def merge(agent: Agent, number: int, into: int) -> TicketMerge:
    """Merge a ticket into another one, and commit.

    Raises NotFound for a stranger to either, Invalid for the same one twice, Conflict when one of them is merged already.
    """
    if number == into:
        sentence = _("A ticket cannot be merged into itself.")
        raise Invalid(sentence, errors={"into": [sentence]})
    for one in (number, into):
        queries.get(agent, one)
    tickets = families.lock({number, into})
    made = join(agent, tickets[number], tickets[into])
    db.session.commit()
    return made


def join(agent: Agent, merged: Ticket, kept: Ticket) -> TicketMerge:
    """Merge two locked tickets within the caller's transaction. Raises NotFound, Conflict."""
    for ticket in (merged, kept):
        queries.seen(agent, ticket)
        queries.refuse_merged(ticket)
    moved: dict[str, Any] = {"rows": _move(merged, kept), "drafts": drafts.carry_over(merged, kept)}
    moved["reopened"] = reopened = merged.is_working and not kept.is_working
    moved["kept"] = set_all(kept, _united(merged, kept, reopened=reopened))
    moved["carried"] = waiting.carry_over(merged, kept)
    moved["stopped"] = waiting.stop(merged)
    moved["kept"] |= set_all(kept, waiting.nearest(kept))
    moved["merged"] = set_all(merged, _over(kept))
    made = TicketMerge(kept_id=kept.id, merged_id=merged.id, agent_id=agent.id, moved=moved, created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    told = {"merge": made.id, "subject": merged.subject, "customer": merged.customer.display_name}
    record(merged, "merged_into", by_agent(agent), data={"ticket": kept.id, "merge": made.id})
    record(kept, "merged", by_agent(agent), data={"ticket": merged.id, "reopened": reopened, **told})
    return made


def _move(merged: Ticket, kept: Ticket) -> dict[str, list[int]]:
    here = Entry.ticket_id == merged.id
    unmarked = update(Entry).where(here, Entry.came_from_id.is_(None))
    db.session.execute(unmarked.values(came_from_id=merged.id), execution_options={"synchronize_session": False})
    rows = {column.table.name: hand_over(column, column == merged.id, kept.id) for column in moving.columns()}
    for thing in list(db.session.identity_map.values()):
        if getattr(thing, "__tablename__", "") in rows:
            db.session.expire(thing)
    return {table: ids for table, ids in rows.items() if ids}


def _united(merged: Ticket, kept: Ticket, *, reopened: bool) -> dict[str, Any]:
    """What the kept ticket takes over: nothing that was urgent, unread, labelled or somebody's is forgotten."""
    wanted: dict[str, Any] = {
        "tags": list(dict.fromkeys([*kept.tags, *merged.tags]))[:MOST_TAGS],
        "search_text": f"{kept.search_text} {merged.search_text}"[:SEARCHED_CHARS],
    }
    if merged.is_working:
        wanted |= {"priority": max(kept.priority, merged.priority), "unread": kept.unread or merged.unread}
    if reopened:
        wanted |= {"status": "open", "closed_at": None}
    if kept.assignee_id is None and merged.assignee is not None and sees_team(merged.assignee, kept.team_id):
        wanted["assignee_id"] = merged.assignee_id
    if merged.last_at > kept.last_at:
        wanted |= {name: getattr(merged, name) for name in ("last_text", "last_direction", "last_at", "doubted")}
    return wanted


def _over(kept: Ticket) -> dict[str, Any]:
    """What a ticket is while it is merged into ``kept``."""
    return {
        "merged_into_id": kept.id,
        "status": "closed",
        "closed_at": clock.now(),
        "unread": False,
        "due_at": None,
        "due_kind": None,
    }
