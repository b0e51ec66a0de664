"""What headers cannot tell, a person decides: whose second address this is, and to whom a forwarded mail belongs.

An offer is an entry with two buttons. Its data say what it is about and what became of it; each decision is an entry
of its own, so that the timeline tells who decided what, and each can be undone.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from helpdesk import live
from helpdesk.agents.models import Agent
from helpdesk.customers import find, merge
from helpdesk.customers.models import Customer, CustomerMerge, Identity
from helpdesk.errors import Conflict, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.incoming.thread import remember
from helpdesk.tickets.models import Entry, Message, Ticket
from helpdesk.tickets.timeline import SYSTEM, by_agent, record

OPEN, ACCEPTED, DECLINED = "open", "accepted", "declined"


def identity(ticket: Ticket, written_from: Identity, of: Ticket) -> None:
    """Offer that the writer is the customer of the ticket ``of``, whose mail he answered from another address."""
    other, known = written_from.customer, of.customer
    if other.id == known.id or (of.team_id is not None and of.team_id != ticket.team_id):
        return
    data = {"customer": known.id, "name": known.display_name, "other": other.id, "address": written_from.address}
    record(ticket, "offer", SYSTEM, data={"about": "identity", "answer": OPEN, **data})


def forward(ticket: Ticket, message: Message, writer: Identity, by: Agent | None) -> None:
    """Say that a colleague forwarded this mail: done for one who is proven (``by``), offered for one who may be he."""
    forwarder = message.identity if by is None else None
    data = {
        "about": "forward",
        "answer": OPEN if by is None else ACCEPTED,
        "identity": writer.id,
        "name": writer.customer.display_name,
        "address": writer.address,
        "forwarder": by.name if by else forwarder.customer.display_name if forwarder else "",
        "from": forwarder.id if forwarder else None,
        "agent": by.id if by else None,
    }
    db.session.flush()
    record(ticket, "offer", SYSTEM, data={**data, "message": message.id})


def decide(agent: Agent, number: int, entry_id: int, answer: str) -> Entry:
    """Accept or decline an offer, or open it again, and commit. Raises NotFound, Conflict when it stands so already.

    An accepted identity makes two customers one; opening that again makes them two.
    """
    entry = _get(agent, number, entry_id)
    if entry.data["answer"] == answer or OPEN not in (entry.data["answer"], answer):
        raise Conflict(_("A colleague has decided this meanwhile."))
    changes: dict[str, Any] = {"answer": answer}
    if entry.data["about"] == "identity":
        changes["merge"] = _decide_identity(agent, entry, answer)
    ticket = queries.locked(agent, number)
    entry = _get(agent, number, entry_id)
    if entry.data["answer"] == answer:
        db.session.rollback()
        raise Conflict(_("A colleague has decided this meanwhile."))
    if entry.data["about"] == "forward":
        _decide_forward(ticket, entry, answer)
    before = entry.data["answer"]
    entry.data = {**entry.data, **changes}
    live.entry_added(entry)
    told = {name: entry.data[name] for name in ("about", "name", "address")}
    record(ticket, "offer_answer", by_agent(agent), data={**told, "from": before, "to": answer})
    db.session.commit()
    return entry


def _get(agent: Agent, number: int, entry_id: int) -> Entry:
    queries.get(agent, number)
    entry = db.session.get(Entry, entry_id, populate_existing=True)
    if entry is None or entry.ticket_id != number or entry.kind != "offer":
        raise NotFound(_("There is no such offer."))
    return entry


def _decide_identity(agent: Agent, entry: Entry, answer: str) -> int | None:
    """Merge or part the two customers, committing; returns the merge that stands. Safe to run again after a crash."""
    kept, other = (_living(entry.data[name]) for name in ("customer", "other"))
    if answer == ACCEPTED:
        return merge.merge(agent, kept, other).id if kept != other else _merge_of(entry)
    standing = _merge_of(entry)
    if standing is not None:
        merge.undo(agent, standing)
    return None


def _living(customer_id: int) -> int:
    """The customer who has taken this one over, or he himself."""
    customer = db.session.get_one(Customer, customer_id, populate_existing=True)
    while customer.merged_into_id is not None:
        customer = db.session.get_one(Customer, customer.merged_into_id, populate_existing=True)
    return customer.id


def _merge_of(entry: Entry) -> int | None:
    """The merge of exactly this offer's two customers that was not undone."""
    statement = select(CustomerMerge.id).where(
        CustomerMerge.merged_id == entry.data["other"], CustomerMerge.undone_at.is_(None)
    )
    return db.session.scalar(statement.order_by(CustomerMerge.id.desc()).limit(1))


def _decide_forward(ticket: Ticket, entry: Entry, answer: str) -> None:
    """Give a locked ticket to whom the forwarded mail is from, or back to who forwarded it."""
    if answer == DECLINED or (answer == OPEN and entry.data["answer"] == DECLINED):
        return
    key = "identity" if answer == ACCEPTED else "from"
    owner = db.session.get_one(Identity, entry.data[key]) if entry.data[key] else _of_agent(ticket, entry)
    if entry.data["from"] is None:
        entry.data = {**entry.data, "from": owner.id}
    message = db.session.get_one(Message, entry.data["message"])
    message.identity = owner
    ticket.customer = owner.customer
    db.session.execute(update(Entry).where(Entry.ticket_id == ticket.id).values(customer_id=owner.customer_id))
    said = select(Entry).where(Entry.message_id == message.id)
    for one in db.session.scalars(said):
        one.actor_id, one.actor_name = owner.customer_id, owner.customer.display_name
        live.entry_added(one)
    remember([], [(owner.address, ticket.id)])


def _of_agent(ticket: Ticket, entry: Entry) -> Identity:
    """The address of the colleague who forwarded, as a customer's: the ticket is his own matter after all."""
    agent = db.session.get_one(Agent, entry.data["agent"])
    address = agent.email.lower()
    return find.find_or_make(ticket.channel, {address: lambda: (agent.name, agent.language)})[address]
