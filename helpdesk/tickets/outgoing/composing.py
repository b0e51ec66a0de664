"""What a composer starts with: whom the answer goes to, what the channel can carry, and the draft; and keeping drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from channels.html.text import html_to_text
from helpdesk import clock, settings, written_html
from helpdesk.agents.models import Agent
from helpdesk.customers import reach
from helpdesk.customers.models import Identity
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.inboxes.queries import outline, own_addresses
from helpdesk.tickets import queries
from helpdesk.tickets.models import Draft, Ticket
from helpdesk.tickets.outgoing import below, recipients
from helpdesk.tickets.outgoing.recipients import Person

MOST_BYTES = 20_000_000  # of files in all, where the channel names no limit of its own
DRAFT_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom an answer goes to if nobody else is chosen, as whom it is sent, and what is sent below it."""

    to: list[Person]
    cc: list[Person]
    sent_as: str
    signature: str
    quoted: int  # how many earlier messages are sent along


@dataclass(frozen=True, slots=True)
class Composer:
    envelope: Envelope
    own: list[str]  # addresses that no message is sent to: they are ours
    rich: bool
    copies: bool  # whether the channel knows recipients beside the customer
    limit: int  # bytes of all files of one message
    draft: dict[str, Any] | None
    bouncing: Identity | None  # whose address this answer goes to, when it is known not to arrive


def composer_of(agent: Agent, ticket: Ticket) -> Composer:
    """The composer of this ticket for this agent."""
    channel = outline(ticket.inbox)
    limit = min([MOST_BYTES, *filter(None, [channel.file_bytes(), settings.current().max_upload_bytes])])
    able = channel.capabilities
    own = sorted(own_addresses(ticket.channel)) if able.cc else []
    envelope = envelope_of(agent, ticket)
    return Composer(envelope, own, able.html, able.cc, limit, _draft(agent, ticket), _bouncing(ticket, envelope))


def envelope_of(agent: Agent, ticket: Ticket) -> Envelope:
    """The envelope of an answer that is written now."""
    try:
        people = recipients.of(ticket, recipients.Chosen())
    except Invalid:
        people = recipients.People([])  # a note can still be written; sending says why it cannot
    signature, quoted = below.preview(agent, ticket, people.to)
    return Envelope(people.to, people.cc, people.sender.get("address", ""), signature, quoted)


def keep_draft(agent: Agent, number: int, kind: str, html: str, sequence: int) -> None:
    """Store what is typed, and commit. An older save than the stored one is dropped: it was overtaken."""
    ticket = queries.get(agent, number)
    values = {
        "agent_id": agent.id,
        "ticket_id": ticket.id,
        "kind": "note" if kind == "note" else "reply",
        "html": storable(html[:DRAFT_CHARS]),
        "sequence": sequence,
        "updated_at": clock.now(),
    }
    changes = {name: values[name] for name in ("kind", "html", "sequence", "updated_at")}
    statement = insert(Draft).values(values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["agent_id", "ticket_id"], set_=changes, where=Draft.sequence < sequence
        )
    )
    db.session.commit()


def drop_draft(agent: Agent, number: int, sequence: int) -> None:
    """Forget the draft unless a later save stands there, and commit."""
    db.session.execute(
        delete(Draft).where(Draft.agent_id == agent.id, Draft.ticket_id == number, Draft.sequence <= sequence)
    )
    db.session.commit()


def _bouncing(ticket: Ticket, envelope: Envelope) -> Identity | None:
    if not envelope.to:
        return None
    address = envelope.to[0]["address"]
    for identity in ticket.customer.identities:
        if (identity.channel, identity.address) == (ticket.channel, address):
            return identity if identity.bounced_at else None
    return reach.bouncing(ticket.channel, address)


def _draft(agent: Agent, ticket: Ticket) -> dict[str, Any] | None:
    draft = db.session.get(Draft, (agent.id, ticket.id))
    if draft is None:
        return None
    html = written_html.clean_written(draft.html, mentions=draft.kind == "note")
    return {"kind": draft.kind, "html": html, "text": html_to_text(html), "sequence": draft.sequence}
