"""Entries of a conversation as HTML, kept for as long as their rows do not change: most of a long thread never does."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template
from markupsafe import Markup
from sqlalchemy import Executable, Text, bindparam, cast, func, literal_column, select

from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.kept import Kept
from helpdesk.sql import one_of
from helpdesk.tickets import queries
from helpdesk.tickets.models import Delivery, Entry, Message, SideConversation, Ticket

_entries = Kept(4_000)  # two or three kilobytes each


def entries_of(
    agent: Agent,
    ticket: Ticket,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = queries.TIMELINE_PAGE,
) -> list[Markup]:
    """The newest entries of the ticket in the reader's language, oldest first; those ``before`` or ``after`` an entry
    when it is given. Equal for all who may see the ticket. Raises NotFound for a stranger."""
    queries.seen(agent, ticket)
    values = {"ticket": ticket.id, "most": limit, "before": before or _NO_END, "after": after or 0}
    found = db.session.execute(_STAMPS, values).all()
    keys = {row.id: tuple(row) for row in reversed(found)}
    return _entries.ordered(keys, _load, lambda entry: render_template("tickets/_entry.html", entry=entry))


def _load(ids: Sequence[int]) -> Sequence[Entry]:
    return db.session.scalars(queries.with_messages().where(one_of(Entry.id, ids))).unique().all()


_NO_END = 2**63 - 1
_deliveries = (
    select(func.string_agg(literal_column("deliveries.xmin::text"), func.chr(32)))
    .where(Delivery.message_id == Entry.message_id)
    .scalar_subquery()
)
_STAMPS: Executable = (
    select(
        Entry.id,
        literal_column("entries.xmin::text").label("entry"),
        literal_column("messages.xmin::text").label("message"),
        literal_column("side_conversations.xmin::text").label("side"),
        cast(_deliveries, Text).label("deliveries"),
    )
    .outerjoin(Message, Message.id == Entry.message_id)
    .outerjoin(SideConversation, SideConversation.id == Message.side_conversation_id)
    .where(Entry.ticket_id == bindparam("ticket"), Entry.id < bindparam("before"), Entry.id > bindparam("after"))
    .order_by(Entry.id.desc())
    .limit(bindparam("most"))
)
"""What an entry's HTML depends on: its own row, its message's with its side conversation's, and its deliveries'. PostgreSQL
gives a row a new ``xmin`` with each change (System Columns, chapter 5.6)."""
