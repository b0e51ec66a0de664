"""Placing interpreted messages: customer, ticket, message, attachments and entry of a batch, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from channels import registry
from channels.base import Channel
from channels.messages import Address, IncomingMessage
from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers import find, language, reach
from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes import queries as inboxes
from helpdesk.inboxes.models import Inbox
from helpdesk.sql import number_new
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming import bounces, linking, offers, origin, suspend
from helpdesk.tickets.incoming.opening import opened
from helpdesk.tickets.incoming.screening import Screening
from helpdesk.tickets.incoming.stored import ADDRESS_CHARS, message_of, store_blobs
from helpdesk.tickets.incoming.thread import Clue, Found, Sender, Threads
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.timeline import SYSTEM, by_agent, by_customer, record

PREVIEW_CHARS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """One interpreted message of one ledger row."""

    received_id: int
    message: IncomingMessage


def place(inbox: Inbox, arrivals: Sequence[Arrival], *, vouched: bool = False) -> list[int]:
    """Write the arrivals in their order; returns the ledger rows that made no message. The caller commits.

    ``vouched``: a person has looked at them, so that none is suspended and their senders are believed.
    """
    return Placing(inbox, arrivals, vouched).run()


class Placing:
    """The state of placing one batch: who wrote, which tickets are concerned."""

    def __init__(self, inbox: Inbox, arrivals: Sequence[Arrival], vouched: bool = False) -> None:
        self.inbox, self.arrivals, self.vouched = inbox, arrivals, vouched
        self.kind: type[Channel] = registry.get(inbox.channel)
        self.own = inboxes.own_addresses(inbox.channel)
        wrote: dict[str, list[IncomingMessage]] = {}
        for arrival in arrivals:
            wrote.setdefault(self._sender(arrival.message), []).append(arrival.message)
        self.screening = Screening(inbox.channel, self.own, wrote)
        self.identities = self._known(wrote)
        self.threads = Threads([arrival.message for arrival in arrivals])
        self.links: list[linking.Link] = []

    def run(self) -> list[int]:
        """Write everything; returns the ledger rows that made no message."""
        store_blobs(file.data for arrival in self.arrivals for file in arrival.message.attachments)
        ignored = [arrival.received_id for arrival in self.arrivals if not self._place(arrival)]
        number_new()
        db.session.flush()
        if self.links:
            linking.record_all(self.links)
        self.threads.save()
        return ignored

    def _place(self, arrival: Arrival) -> bool:
        message = arrival.message
        sender = self.screening.sender(message, self._sender(message))
        if sender.ours and self.threads.signed(message.message_id):
            return False  # a copy of what we sent ourselves
        sender = replace(sender, doubted=False) if self.vouched else sender
        found = self._thread(message, sender)
        if not self.vouched and (reason := self.screening.suspicion(message, sender, found)):
            suspend.suspend(self.inbox, arrival.received_id, message, sender, reason)
            return True
        if found.ticket is not None and sender.insider is not None:
            self._write_agents(arrival, found, found.ticket, sender.insider)
        else:
            self._write(arrival, found, sender)
        return True

    def _thread(self, message: IncomingMessage, sender: Sender) -> Found:
        if message.bounce and (ticket := self.threads.signed(returned := message.bounce.original_message_id)):
            # A mailer daemon takes part in no ticket, but only it can know our signed id.
            return Found(self.threads.living(ticket), Clue(ticket, "token", returned, signed=True))
        if message.bounce and not sender.doubted and (ticket := bounces.likely_ticket(self.inbox, message.bounce)):
            return Found(ticket, Clue(ticket, "bounce", message.bounce.recipients[0][0]))
        return self.threads.find(message, sender)

    def _write(self, arrival: Arrival, found: Found, sender: Sender) -> None:
        message = arrival.message
        found, why = linking.settle(found, message, sender)
        passed_on = self._passed_on(message, sender) if found.ticket is None else None
        insider = sender.insider if passed_on else None
        identity = passed_on if passed_on and insider else self._identity(sender.address, message)
        if not (message.automatic or sender.doubted):
            reach.wrote(identity)
        ticket = found.ticket or opened(self.inbox, identity, message)
        by = insider.name if insider else ""
        known = origin.of(message, found, why, vouched=self.vouched, forwarded_by=by)
        stored = self._store(ticket, arrival, direction="inbound", identity=identity, origin=known)
        before = self.threads.living(found.clue.ticket) if why and found.clue else None
        data = {"linked_ticket": before.id} if before else {}
        entry = record(ticket, "message", by_customer(identity.customer), message=stored, data=data)
        entry.came_from_id = found.via.id if found.via else None
        self._follow(ticket, stored, sender)
        if before is not None and why is not None:
            self.links.append(linking.Link(before, ticket, why))
            ticket.team_id = before.team_id if why == "follow_up" else ticket.team_id
        self._offer(ticket, stored, found, sender, passed_on)
        joining = self._joining(message, sender, identity, is_new=found.ticket is None)
        self.threads.learn(found.via or ticket, message, joining)
        if message.bounce:
            bounces.note(self.inbox, ticket, message.bounce)

    def _write_agents(self, arrival: Arrival, found: Found, ticket: Ticket, agent: Agent) -> None:
        """What a colleague wrote in his own mail program: an answer when the customer got it too, else a note."""
        message = arrival.message
        theirs = {identity.address for identity in ticket.customer.identities if identity.channel == ticket.channel}
        answers = not message.automatic and bool(theirs & {self._normal(one) for one in (*message.to, *message.cc)})
        direction = "outbound" if answers else "note"
        known = origin.of(message, found)
        stored = self._store(ticket, arrival, direction=direction, agent=agent, origin=known)
        entry = record(ticket, "message", by_agent(agent), message=stored, data={"own_program": True})
        entry.came_from_id = found.via.id if found.via else None
        if answers:
            self._show(ticket, stored)
            ticket.unread, ticket.first_response_at = False, ticket.first_response_at or clock.now()
            if ticket.status == "new":
                ticket.status = "open"
                record(ticket, "status", by_agent(agent), data={"from": "new", "to": "open"})
        others = [one for one in self._others(message) if one != agent.email.lower()]
        self.threads.learn(found.via or ticket, message, others)

    def _store(self, ticket: Ticket, arrival: Arrival, **values: Any) -> Message:
        return message_of(ticket, self.inbox.channel, arrival.message, arrival.received_id, **values)

    def _follow(self, ticket: Ticket, message: Message, sender: Sender) -> None:
        """What a customer's message does to its ticket: unread, shown last, and reopened unless a machine wrote it."""
        ticket.unread, ticket.doubted = True, sender.doubted
        self._show(ticket, message)
        if message.automatic or ticket.status in ("new", "open"):
            return
        before, ticket.status, ticket.closed_at = ticket.status, "open", None
        record(ticket, "status", SYSTEM, data={"from": before, "to": "open"})

    @staticmethod
    def _show(ticket: Ticket, message: Message) -> None:
        ticket.last_text = one_line(message.visible_text, PREVIEW_CHARS)
        ticket.last_direction, ticket.last_at = message.direction, clock.now()

    def _offer(self, ticket: Ticket, message: Message, found: Found, sender: Sender, passed_on: Identity | None) -> None:
        """Ask a person what the headers cannot tell: whose second address this is, to whom a forwarded mail belongs."""
        if passed_on is not None:
            offers.forward(ticket, message, passed_on, sender.insider)
        elif (
            found.clue
            and found.clue.signed
            and tokens.side_conversation_of(found.clue.by) is None
            and message.identity
            and not (sender.doubted or sender.ours or message.automatic)
        ):
            offers.identity(ticket, message.identity, found.clue.ticket)

    def _passed_on(self, message: IncomingMessage, sender: Sender) -> Identity | None:
        """Whom a mail is from that one of us forwards to an inbox."""
        if message.forwarded_from is None or sender.doubted or not self.screening.is_colleague(sender.address):
            return None
        address = self._normal(message.forwarded_from)
        if not address or address in self.own or address == sender.address or self.screening.is_colleague(address):
            return None
        return self._identity(address, replace(message, sender=message.forwarded_from))

    def _known(self, wrote: dict[str, list[IncomingMessage]]) -> dict[str, Identity]:
        """The senders' identities, made where every message of his makes him a customer."""
        sure = {
            address: partial(_described, messages[0])
            for address, messages in wrote.items()
            if not self.screening.is_questionable(address) and all(one.verdict.result != "fail" for one in messages)
        }
        return find.find_or_make(self.inbox.channel, sure) | find.known(self.inbox.channel, set(wrote) - set(sure))

    def _identity(self, address: str, message: IncomingMessage) -> Identity:
        if address not in self.identities:
            people: dict[str, Callable[[], find.Person]] = {address: partial(_described, message)}
            self.identities |= find.find_or_make(self.inbox.channel, people)
        return self.identities[address]

    def _sender(self, message: IncomingMessage) -> str:
        return self._normal(message.sender) or "unknown"

    def _joining(self, message: IncomingMessage, sender: Sender, identity: Identity, *, is_new: bool) -> list[str]:
        """Who takes part in the ticket from now on. Whoever reports a bounce, or is held for somebody else, joins nobody
        to a ticket that was there before: its next answers are not for him."""
        if not is_new and (message.bounce or sender.doubted):
            return []
        return [identity.address, *self._others(message)]

    def _others(self, message: IncomingMessage) -> list[str]:
        """Everybody else on the message who is not one of our inboxes."""
        addresses = (self._normal(address) for address in (*message.reply_to, *message.to, *message.cc))
        return [address for address in addresses if address and address not in self.own]

    def _normal(self, address: Address) -> str:
        try:
            return self.kind.normalise(storable(address.address, ADDRESS_CHARS))
        except ValueError:
            return one_line(address.address, ADDRESS_CHARS).lower()


def _described(message: IncomingMessage) -> find.Person:
    wrote = f"{message.subject}\n{message.visible_text or message.text}"
    return one_line(message.sender.name, 200), language.guess(wrote)
