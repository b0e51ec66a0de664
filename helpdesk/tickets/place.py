"""Placing interpreted messages: customer, ticket, message, attachments and entry of a batch, within one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import update

from channels import registry
from channels.base import Address, Bounce, Channel, IncomingMessage
from helpdesk import clock
from helpdesk.customers import find, language
from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable, words
from helpdesk.inboxes import queries as inboxes
from helpdesk.inboxes.models import Inbox
from helpdesk.sql import number_new
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.stored import ADDRESS_CHARS, SUBJECT_CHARS, message_of, store_blobs
from helpdesk.tickets.thread import Threads
from helpdesk.tickets.timeline import SYSTEM, by_customer, record

PREVIEW_CHARS = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """One interpreted message of one ledger row."""

    received_id: int
    message: IncomingMessage


def place(inbox: Inbox, arrivals: Sequence[Arrival]) -> list[int]:
    """Write the arrivals in their order; returns the ledger rows that made no message. The caller commits."""
    return Placing(inbox, arrivals).run()


class Placing:
    """The state of placing one batch: who wrote, which tickets are concerned."""

    def __init__(self, inbox: Inbox, arrivals: Sequence[Arrival]) -> None:
        self.inbox, self.arrivals = inbox, arrivals
        self.kind: type[Channel] = registry.get(inbox.channel)
        self.own = inboxes.own_addresses(inbox.channel)
        self.identities = find.find_or_make(inbox.channel, self._people())
        self.threads = Threads([arrival.message for arrival in arrivals])

    def run(self) -> list[int]:
        """Write everything; returns the ledger rows that made no message."""
        store_blobs(file.data for arrival in self.arrivals for file in arrival.message.attachments)
        ignored = [arrival.received_id for arrival in self.arrivals if not self._place(arrival)]
        number_new()
        db.session.flush()
        self.threads.save()
        return ignored

    def _place(self, arrival: Arrival) -> bool:
        message = arrival.message
        sender = self._sender(message)
        if sender in self.own and self.threads.signed(message.message_id):
            return False  # a copy of what we sent ourselves
        ticket, linked = self._thread(message, sender)
        identity = self.identities[sender]
        if ticket is None:
            ticket = self._open(message, identity)
        stored = message_of(ticket, self.inbox.channel, message, arrival.received_id, direction="inbound", identity=identity)
        data = {"linked_ticket": linked.id} if linked else {}
        record(ticket, "message", by_customer(identity.customer), message=stored, data=data)
        self._follow(ticket, stored)
        self.threads.learn(ticket, message, [sender, *self._others(message)])
        if message.bounce:
            _note_bounce(ticket, message.bounce)
        return True

    def _thread(self, message: IncomingMessage, sender: str) -> tuple[Ticket | None, Ticket | None]:
        if message.bounce and (ticket := self.threads.signed(message.bounce.original_message_id)):
            return ticket, None  # a mailer daemon takes part in no ticket, but only it can know our signed id
        if sender in self.own:
            return None, None
        return self.threads.find(message, sender)

    def _open(self, message: IncomingMessage, identity: Identity) -> Ticket:
        ticket = Ticket(
            subject=one_line(message.subject, SUBJECT_CHARS),
            status="new",
            priority=2,
            channel=self.inbox.channel,
            inbox=self.inbox,
            customer=identity.customer,
            team_id=self.inbox.team_id,
            assignee_id=None,
            tags=[],
            automatic=message.automatic,
            version=0,
            created_at=clock.now(),
            search_text=searchable(message.subject, identity),
        )
        db.session.add(ticket)
        return ticket

    def _follow(self, ticket: Ticket, message: Message) -> None:
        """What a customer's message does to its ticket: unread, shown last, and reopened unless a machine wrote it."""
        ticket.unread = True
        ticket.last_text = one_line(message.visible_text, PREVIEW_CHARS)
        ticket.last_direction = "inbound"
        ticket.last_at = clock.now()
        if message.automatic or ticket.status in ("new", "open"):
            return
        before, ticket.status, ticket.closed_at = ticket.status, "open", None
        record(ticket, "status", SYSTEM, data={"from": before, "to": "open"})

    def _people(self) -> dict[str, Callable[[], find.Person]]:
        """Who wrote, each by the first of his messages; described only when he turns out to be unknown."""
        writers: dict[str, Callable[[], find.Person]] = {}
        for arrival in self.arrivals:
            writers.setdefault(self._sender(arrival.message), partial(_described, arrival.message))
        return writers

    def _sender(self, message: IncomingMessage) -> str:
        return self._normal(message.sender) or "unknown"

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


def searchable(subject: str, identity: Identity) -> str:
    """The words by which a ticket of this identity is found."""
    return words(f"{subject} {identity.customer.name} {identity.address}")[:2000]


def _note_bounce(ticket: Ticket, bounce: Bounce) -> None:
    """Mark the deliveries that a bounce is about as failed, with the server's status."""
    for address, status, permanent in bounce.recipients:
        if not permanent:
            continue
        found = db.session.scalars(
            update(Delivery)
            .where(
                Delivery.provider_id == bounce.original_message_id,
                Delivery.recipient == address.lower(),
                Delivery.status.in_(("sent", "unknown", "delivered")),
            )
            .values(status="failed", code="recipient", detail=status)
            .returning(Delivery.id)
        ).all()
        if found:
            data = {"recipient": address, "detail": status}
            record(ticket, "delivery_failed", SYSTEM, data=data)
