"""Mail that waits for a person: looking at it, letting it in, rejecting it, and thinking again. Each verb commits.

Whoever may use an inbox decides about its mail. Nothing is deleted: rejected mail stays in the ledger and in its list.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager, joinedload

from channels.messages import IncomingMessage
from helpdesk import clock, cursors
from helpdesk.agents.access import sees_team, visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming.arriving import arrive
from helpdesk.tickets.incoming.place import Arrival
from helpdesk.tickets.incoming.reading import read_now
from helpdesk.tickets.incoming.suspended_models import BlockedSender, Suspension
from helpdesk.tickets.models import Message
from helpdesk.tickets.queues import COUNTED

NEWEST_FIRST = "-id"


def listed(agent: Agent, *, decided: bool = False, cursor: str | None = None, limit: int = 50) -> Page[Suspension]:
    """What waits (or what was decided), newest first. Raises Invalid for a cursor that is none."""
    statement = _seen(agent, decided=decided).options(contains_eager(Suspension.inbox), joinedload(Suspension.agent))
    if (position := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(Suspension.id < position.id)
    rows = db.session.scalars(statement.order_by(Suspension.id.desc()).limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda one: Place(one.created_at, one.id))


def count(agent: Agent) -> int:
    """How many wait for somebody, counted up to COUNTED."""
    waiting = _seen(agent, decided=False).with_only_columns(Suspension.id).limit(COUNTED).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


def get(agent: Agent, suspension_id: int) -> Suspension:
    """One of them. Raises NotFound for a stranger."""
    return _checked(agent, db.session.get(Suspension, suspension_id))


def ticket_of(suspension: Suspension) -> int | None:
    """The ticket that an accepted mail became a message of."""
    return db.session.scalar(select(Message.ticket_id).where(Message.received_id == suspension.received_id))


def accept(agent: Agent, suspension_id: int) -> Suspension:
    """Let the mail in as if it came now: threaded and answered as any other. Raises NotFound, Conflict, Invalid."""
    waiting = get(agent, suspension_id)
    inbox, item = waiting.inbox, waiting.received.item
    db.session.commit()
    messages = [found for found in read_now(inbox, item) if isinstance(found, IncomingMessage)]
    suspension = _locked(agent, suspension_id)
    if suspension.decision == "accepted":
        raise _decided()
    arrive(suspension.inbox, [Arrival(suspension.received_id, message) for message in messages], vouched=True)
    return _decide(suspension, agent, "accepted")


def reject(agent: Agent, suspension_id: int, *, block: bool = False) -> Suspension:
    """Keep the mail out; with ``block`` also what this sender writes from now on. Raises NotFound, Conflict."""
    suspension = _locked(agent, suspension_id)
    if suspension.decision is not None:
        raise _decided()
    if block:
        values = {"channel": suspension.inbox.channel, "address": suspension.sender, "agent_id": agent.id}
        db.session.execute(insert(BlockedSender).values(created_at=clock.now(), **values).on_conflict_do_nothing())
    return _decide(suspension, agent, "rejected")


def reconsider(agent: Agent, suspension_id: int) -> Suspension:
    """Let a rejected mail wait again, and its sender write again. Raises NotFound, Conflict."""
    suspension = _locked(agent, suspension_id)
    if suspension.decision != "rejected":
        raise _decided()
    channel = suspension.inbox.channel
    db.session.execute(
        delete(BlockedSender).where(BlockedSender.channel == channel, BlockedSender.address == suspension.sender)
    )
    suspension.decision, suspension.decided_at, suspension.agent_id = None, None, None
    db.session.commit()
    return suspension


def is_blocked(suspension: Suspension) -> bool:
    """Whether the sender's mail is rejected as it comes."""
    return db.session.get(BlockedSender, (suspension.inbox.channel, suspension.sender)) is not None


def _seen(agent: Agent, *, decided: bool) -> Select[Suspension]:
    state = Suspension.decision.is_not(None) if decided else Suspension.decision.is_(None)
    return select(Suspension).join(Suspension.inbox).where(state, visible(agent, Inbox.team_id))


def _locked(agent: Agent, suspension_id: int) -> Suspension:
    statement = select(Suspension).where(Suspension.id == suspension_id).with_for_update(of=Suspension)
    return _checked(agent, db.session.scalar(statement.execution_options(populate_existing=True)))


def _checked(agent: Agent, suspension: Suspension | None) -> Suspension:
    if suspension is None or not sees_team(agent, suspension.inbox.team_id):
        raise NotFound(_("This mail does not exist, or is not yours to see."))
    return suspension


def _decide(suspension: Suspension, agent: Agent, decision: str) -> Suspension:
    suspension.decision, suspension.decided_at, suspension.agent_id = decision, clock.now(), agent.id
    db.session.commit()
    return suspension


def _decided() -> Conflict:
    db.session.rollback()
    return Conflict(_("A colleague has decided this meanwhile."))
