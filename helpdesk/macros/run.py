"""Running a macro on a ticket, and undoing it: all of it or nothing, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from helpdesk import clock, live
from helpdesk.agents.models import Agent
from helpdesk.canned import actions as canned_actions
from helpdesk.canned.render import Rendered, filled, render
from helpdesk.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.macros import queries, steps
from helpdesk.macros.models import Macro, MacroRun
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.change import VERBS
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.outgoing.reply import answer, jot, refuse_stale
from helpdesk.tickets.outgoing.writing import Writing
from helpdesk.tickets.timeline import by_agent, record


@dataclass(frozen=True, slots=True)
class Plan:
    """What a macro would do here: changes by the names of VERBS, and what it would write."""

    changes: dict[str, Any]
    reply: Rendered | None
    note: Rendered | None


def plan(agent: Agent, ticket: Ticket, macro: Macro) -> Plan:
    """What the macro would do if it ran now; nothing is changed."""
    texts = {name: macro.steps[name] for name in ("reply", "note") if name in macro.steps}
    written = {name: filled(agent, ticket, html, "") for name, html in texts.items()}
    reply = render(agent, macro.canned, ticket) if macro.canned is not None else written.get("reply")
    return Plan(steps.changes(agent, ticket, macro.steps), reply, written.get("note"))


def run(
    agent: Agent, number: int, macro_id: int, *, seen_entry: int | None = None, undo_seconds: int | None = None
) -> MacroRun:
    """Do everything that the macro says, and commit.

    Raises NotFound, Invalid when a part of it cannot be done here, StaleReply when something came after ``seen_entry``;
    then nothing is done.
    """
    ticket = tickets.locked(agent, number)
    macro = queries.get(agent, macro_id)
    refuse_stale(agent, ticket, seen_entry)
    try:
        done = _do(agent, ticket, macro, undo_seconds)
    except HelpdeskError:
        db.session.rollback()
        raise
    db.session.commit()
    return done


def undo(agent: Agent, number: int, run_id: int) -> MacroRun:
    """Take a run of one's own back, and commit: its reply, its note, and every field that nobody has changed since.

    Raises NotFound, Conflict when its reply is already on its way or it was undone.
    """
    ticket = tickets.locked(agent, number)
    done = db.session.scalar(
        select(MacroRun).where(MacroRun.id == run_id, MacroRun.ticket_id == ticket.id, MacroRun.agent_id == agent.id)
    )
    if done is None:
        raise NotFound(_("This run of a macro does not exist, or is not yours."))
    if done.undone_at is not None:
        raise Conflict(_("This has been undone already."))
    if done.reply_id is not None:
        deliveries.take_back(agent, ticket, done.reply_id)
    if done.note_id is not None:
        _strike(done.note_id)
    now = steps.state(ticket)
    for name, verb in VERBS.items():
        if name in done.before and now[name] == done.after[name] and done.before[name] != now[name]:
            verb(ticket, done.before[name], by_agent(agent))
    done.undone_at = clock.now()
    db.session.commit()
    return done


def _do(agent: Agent, ticket: Ticket, macro: Macro, undo_seconds: int | None) -> MacroRun:
    """The ticket's fields first, then what is written, and the status last: an answer may open what the macro closes."""
    wanted, before = plan(agent, ticket, macro), steps.state(ticket)
    if wrong := [*(wanted.reply.problems if wanted.reply else ()), *(wanted.note.problems if wanted.note else ())]:
        raise Invalid(" ".join(wrong))
    record(ticket, "macro", by_agent(agent), data={"name": macro.name})
    for name, verb in VERBS.items():
        if name in wanted.changes and name != "status":
            verb(ticket, wanted.changes[name], by_agent(agent))
    note = jot(agent, ticket, Writing(html=wanted.note.html)) if wanted.note else None
    reply = None
    if wanted.reply:
        files = [file.id for file in canned_actions.copy_files(agent, macro.canned)] if macro.canned else []
        reply = answer(agent, ticket, Writing(html=wanted.reply.html, uploads=files), undo_seconds=undo_seconds)
    if macro.canned is not None:
        canned_actions.count_use(macro.canned.id)
    if "status" in macro.steps:
        VERBS["status"](ticket, macro.steps["status"], by_agent(agent))
    db.session.execute(update(Macro).where(Macro.id == macro.id).values(uses=Macro.uses + 1))
    db.session.flush()
    done = MacroRun(
        ticket_id=ticket.id, agent_id=agent.id, before=before, after=steps.state(ticket),
        reply_id=reply.message_id if reply else None, note_id=note.id if note else None, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(done)
    return done


def _strike(entry_id: int) -> None:
    entry = db.session.get_one(Entry, entry_id)
    entry.data = {**entry.data, "undone": True}
    if entry.message_id is not None:
        live.message_changed(entry.message_id)
