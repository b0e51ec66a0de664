"""Placing what colleagues sent from an inbox's address by other programs: it counts as if it was written here.

It is on the ticket that it answers, or begins one with the customer it went to. Nothing is sent: it has been.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from channels import registry
from channels.base import Channel
from channels.messages import Address, IncomingMessage
from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers import find, language
from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.folding import fold, one_line, storable
from helpdesk.inboxes import queries as inboxes
from helpdesk.inboxes.models import Inbox
from helpdesk.sql import number_new
from helpdesk.tickets import actions
from helpdesk.tickets.incoming import origin
from helpdesk.tickets.incoming.opening import opened
from helpdesk.tickets.incoming.place import PREVIEW_CHARS, Arrival
from helpdesk.tickets.incoming.stored import ADDRESS_CHARS, message_of, store_blobs
from helpdesk.tickets.incoming.thread import Found, Threads
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.timeline import Actor, by_agent, record


def place_sent(inbox: Inbox, arrivals: Sequence[Arrival]) -> list[int]:
    """Write what colleagues sent, in its order; returns the ledger rows that made no message. The caller commits.

    Our own mails, a machine's, those from other addresses and those to colleagues only make none.
    """
    return _PlacingSent(inbox, arrivals).run()


class _PlacingSent:
    """The state of placing one batch: who we are, and which tickets are concerned."""

    def __init__(self, inbox: Inbox, arrivals: Sequence[Arrival]) -> None:
        self.inbox, self.arrivals = inbox, arrivals
        self.kind: type[Channel] = registry.get(inbox.channel)
        self.own = inboxes.own_addresses(inbox.channel)
        self.threads = Threads([arrival.message for arrival in arrivals])
        self.agents = _agents(self._everybody(), {_name(arrival.message.sender) for arrival in arrivals})

    def run(self) -> list[int]:
        store_blobs(file.data for arrival in self.arrivals for file in arrival.message.attachments)
        ignored = [arrival.received_id for arrival in self.arrivals if not self._place(arrival)]
        number_new()
        db.session.flush()
        self.threads.save()
        return ignored

    def _place(self, arrival: Arrival) -> bool:
        message = arrival.message
        sender = self._normal(message.sender)
        if message.automatic or self.threads.signed(message.message_id) is not None:
            return False
        if sender not in self.own and sender not in self.agents:
            return False
        to = [address for address in self._recipients(message) if address not in self.own]
        found = self.threads.answered(message)
        ticket = found.ticket
        customers = [address for address in to if address not in self.agents]
        if ticket is None and not customers:
            return False
        answers = ticket is None or any(self.threads.takes_part(ticket, address) for address in to)
        self._write(arrival, ticket or self._begin(message, customers[0]), found, to, answers)
        return True

    def _write(self, arrival: Arrival, ticket: Ticket, found: Found, to: Sequence[str], answers: bool) -> None:
        """The message on its ticket: an answer if somebody there got it, else a note of what was passed on."""
        agent = self._agent(arrival.message)
        at, actor = self._sent_at(arrival.message, ticket), self._actor(arrival.message, agent)
        stored = message_of(
            ticket, self.inbox.channel, arrival.message, arrival.received_id,
            direction="outbound" if answers else "note", agent=agent, origin=origin.of(arrival.message, found),
        )  # fmt: skip
        entry = record(ticket, "message", actor, message=stored, occurred_at=at, data={"own_program": True})
        entry.came_from_id = found.via.id if found.via else None
        self.threads.learn(found.via or ticket, arrival.message, to if answers else ())
        if answers:
            self._answered(ticket, stored, actor, agent, at)

    def _answered(self, ticket: Ticket, message: Message, actor: Actor, agent: Agent | None, at: datetime) -> None:
        """What an answer does to its ticket, here as anywhere."""
        ticket.last_text = one_line(message.visible_text, PREVIEW_CHARS)
        ticket.last_direction, ticket.last_at, ticket.unread = "outbound", clock.now(), False
        ticket.first_response_at = ticket.first_response_at or at
        if agent is not None and ticket.assignee_id is None and ticket.assignee is None:
            actions.give(ticket, agent, actor)
        if ticket.status == "new":
            actions.move(ticket, "open", actor)

    def _begin(self, message: IncomingMessage, address: str) -> Ticket:
        """A new ticket of the customer to whom a colleague has written first."""
        identity = self._customer(message, address)
        return opened(self.inbox, identity, message, status="pending")

    def _customer(self, message: IncomingMessage, address: str) -> Identity:
        names = {self._normal(one): one_line(one.name, 200) for one in (*message.to, *message.cc)}
        wrote = f"{message.subject}\n{message.visible_text or message.text}"
        person = partial(lambda name: (name, language.guess(wrote)), names.get(address, ""))
        return find.find_or_make(self.inbox.channel, {address: person})[address]

    def _agent(self, message: IncomingMessage) -> Agent | None:
        """The colleague whose address or name it is."""
        return self.agents.get(self._normal(message.sender)) or self.agents.get(_name(message.sender))

    def _actor(self, message: IncomingMessage, agent: Agent | None) -> Actor:
        if agent is not None:
            return by_agent(agent)
        return Actor("agent", None, one_line(message.sender.name, 200) or self._normal(message.sender))

    def _sent_at(self, message: IncomingMessage, ticket: Ticket) -> datetime:
        """When it was sent, by its own date where that can be: not before its ticket began, and not to come."""
        now = clock.now()
        return min(max(message.sent_at or now, ticket.created_at), now)

    def _everybody(self) -> set[str]:
        return {
            address
            for arrival in self.arrivals
            for address in (self._normal(arrival.message.sender), *self._recipients(arrival.message))
        }

    def _recipients(self, message: IncomingMessage) -> list[str]:
        return list(dict.fromkeys(filter(None, map(self._normal, (*message.to, *message.cc)))))

    def _normal(self, address: Address) -> str:
        try:
            return self.kind.normalise(storable(address.address, ADDRESS_CHARS))
        except ValueError:
            return ""


def _name(sender: Address) -> str:
    return fold(one_line(sender.name, 200))


def _agents(addresses: Collection[str], names: Collection[str]) -> dict[str, Agent]:
    """Colleagues by their addresses, and by those names that only one of them has."""
    active = select(Agent).where(Agent.active)
    addressed = active.where(func.lower(Agent.email).in_(addresses))
    found = {agent.email.lower(): agent for agent in db.session.scalars(addressed)}
    if not any(names):
        return found
    everybody: dict[str, list[Agent]] = {}
    for agent in db.session.scalars(active):
        everybody.setdefault(fold(agent.name), []).append(agent)
    return found | {name: everybody[name][0] for name in names if name and len(everybody.get(name, ())) == 1}
