"""Placing interpreted messages: customer, ticket, message, attachments and entry of a batch, within one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

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
from helpdesk.tickets.cards import cards_of
from helpdesk.tickets.models import Attachment, Blob, Delivery, Message, Ticket
from helpdesk.tickets.thread import Threads
from helpdesk.tickets.timeline import SYSTEM, by_customer, record

SUBJECT_CHARS = 500
PREVIEW_CHARS = 200
ADDRESS_CHARS = 320


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
        _store_blobs([attachment.data for arrival in self.arrivals for attachment in arrival.message.attachments])
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
        stored = self._message(arrival, ticket, identity)
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

    def _message(self, arrival: Arrival, ticket: Ticket, identity: Identity) -> Message:
        incoming = arrival.message
        message = Message(
            ticket=ticket,
            direction="inbound",
            channel=self.inbox.channel,
            identity=identity,
            received_id=arrival.received_id,
            subject=storable(incoming.subject, SUBJECT_CHARS),
            text=storable(incoming.text),
            html=storable(incoming.html),
            visible_text=storable(incoming.visible_text or incoming.text),
            to=_plain(incoming.to),
            cc=_plain(incoming.cc),
            message_id=storable(incoming.message_id, 1000),
            in_reply_to=storable(incoming.in_reply_to[0] if incoming.in_reply_to else "", 1000),
            automatic=incoming.automatic,
            defects=[storable(defect, 500) for defect in incoming.defects[:100]],
            cards=cards_of(incoming),
            sent_at=incoming.sent_at,
            created_at=clock.now(),
        )
        message.attachments = [_attachment(position, item) for position, item in enumerate(incoming.attachments)]
        db.session.add(message)
        return message

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


def _plain(addresses: Sequence[Address]) -> list[dict[str, str]]:
    return [
        {"address": storable(item.address, ADDRESS_CHARS), "name": one_line(item.name, 200)} for item in addresses[:1000]
    ]


def _attachment(position: int, item: Any) -> Attachment:
    return Attachment(
        position=position,
        filename=one_line(item.filename, 255),
        content_type=one_line(item.content_type, 255),
        size=len(item.data),
        sha256=hashlib.sha256(item.data).digest(),
        inline=item.inline,
        content_id=one_line(item.content_id, 255),
        created_at=clock.now(),
    )


def _store_blobs(contents: Sequence[bytes]) -> None:
    rows = [{"sha256": hashlib.sha256(data).digest(), "size": len(data), "data": data} for data in contents]
    if rows:
        db.session.execute(insert(Blob).on_conflict_do_nothing(), rows)


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
