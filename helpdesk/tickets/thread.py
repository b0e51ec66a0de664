"""Which ticket a message belongs to: our own token, In-Reply-To, every reference, then the subject's tag.

Each counts only when the sender takes part in that ticket (RFC 5322 §3.6.4 gives the headers; anybody can write them).
State is loaded once for a whole batch and kept up to date while its messages are placed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from channels.base import IncomingMessage
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Participant, ThreadReference, Ticket

_TAG = re.compile(r"\[#(\d{1,18})\]")
REFERENCE_CHARS = 500
STORED_REFERENCES = 200
STORED_PARTICIPANTS = 100


class Threads:
    """The tickets that a batch of messages may belong to, locked, with who takes part in them."""

    def __init__(self, messages: Sequence[IncomingMessage]) -> None:
        references = {key for message in messages for key in _references(message)}
        self._by_reference: dict[str, list[Ticket]] = {}
        self._people: dict[Ticket, set[str]] = {}
        self._new_references: list[tuple[str, Ticket]] = []
        self._new_people: list[tuple[str, Ticket]] = []
        rows = db.session.execute(
            select(ThreadReference.reference, ThreadReference.ticket_id).where(one_of(ThreadReference.reference, references))
        ).all()
        named = {number for message in messages for number in _named(message)}
        self._tickets = _lock(named | {ticket_id for _, ticket_id in rows})
        for reference, ticket_id in rows:
            self._by_reference.setdefault(reference, []).append(self._tickets[ticket_id])
        self._load_people()

    def find(self, message: IncomingMessage, sender: str) -> tuple[Ticket | None, Ticket | None]:
        """The message's ticket, and else the ticket it refers to without its sender taking part in it."""
        first: Ticket | None = None
        for ticket in self._candidates(message):
            if sender in self._people[ticket]:
                return ticket, None
            first = first or ticket
        return None, first

    def answered(self, message: IncomingMessage) -> Ticket | None:
        """The ticket that one of us refers to, who needs no part in it."""
        return next(self._candidates(message), None)

    def takes_part(self, ticket: Ticket, address: str) -> bool:
        """Whether this address is known on the ticket."""
        return address in self._people.get(ticket, ())

    def signed(self, message_id: str) -> Ticket | None:
        """The ticket of one of our own Message-IDs."""
        number = tokens.ticket_of(message_id)
        return self._tickets.get(number) if number is not None else None

    def learn(self, ticket: Ticket, message: IncomingMessage, people: Iterable[str]) -> None:
        """Remember every id seen on this message and who takes part now."""
        keys = [_key(message.message_id)] if message.message_id else []
        seen = list(dict.fromkeys([*keys, *_references(message)]))
        for reference in [*seen[:100], *seen[100:][-(STORED_REFERENCES - 100) :]]:
            if ticket not in self._by_reference.setdefault(reference, []):
                self._by_reference[reference].append(ticket)
                self._new_references.append((reference, ticket))
        present = self._people.setdefault(ticket, set())
        for address in list(dict.fromkeys(people))[:STORED_PARTICIPANTS]:
            if address not in present:
                present.add(address)
                self._new_people.append((address, ticket))

    def save(self) -> None:
        """Write what was learned, after the new tickets have got their ids."""
        remember(
            [(reference, ticket.id) for reference, ticket in self._new_references],
            [(address, ticket.id) for address, ticket in self._new_people],
        )

    def _candidates(self, message: IncomingMessage) -> Iterator[Ticket]:
        for reference in reversed(list(_references(message))):
            if (ticket := self.signed(reference)) is not None:
                yield ticket
        for reference in (*message.in_reply_to, *reversed(message.references)):
            yield from self._by_reference.get(_key(reference), ())
        for number in _TAG.findall(message.subject):
            if int(number) in self._tickets:
                yield self._tickets[int(number)]

    def _load_people(self) -> None:
        self._people = {ticket: set() for ticket in self._tickets.values()}
        rows = db.session.execute(
            select(Participant.ticket_id, Participant.address).where(one_of(Participant.ticket_id, self._tickets))
        )
        for ticket_id, address in rows:
            self._people[self._tickets[ticket_id]].add(address)


def remember(references: Sequence[tuple[str, int]], people: Sequence[tuple[str, int]]) -> None:
    """Store (reference, ticket id) and (address, ticket id) pairs; known ones are left alone."""
    if references:
        rows = [{"reference": _key(reference), "ticket_id": ticket_id} for reference, ticket_id in references]
        db.session.execute(insert(ThreadReference).on_conflict_do_nothing(), rows)
    if people:
        rows = [{"address": address, "ticket_id": ticket_id} for address, ticket_id in people]
        db.session.execute(insert(Participant).on_conflict_do_nothing(), rows)


def _lock(ids: set[int]) -> dict[int, Ticket]:
    """Lock the tickets in the order of their ids, so that two transactions never wait for each other."""
    if not ids:
        return {}
    statement = select(Ticket).where(one_of(Ticket.id, ids)).order_by(Ticket.id).with_for_update(of=Ticket)
    return {ticket.id: ticket for ticket in db.session.scalars(statement.execution_options(populate_existing=True))}


def _named(message: IncomingMessage) -> Iterator[int]:
    """Numbers of tickets that the message names by a token of ours or by the subject's tag."""
    for reference in (*message.in_reply_to, *message.references, message.message_id):
        if (number := tokens.ticket_of(reference)) is not None:
            yield number
    if message.bounce and (number := tokens.ticket_of(message.bounce.original_message_id)) is not None:
        yield number
    for number_text in _TAG.findall(message.subject):
        if int(number_text) < 2**63:
            yield int(number_text)


def _references(message: IncomingMessage) -> Iterator[str]:
    for reference in (*message.references, *message.in_reply_to):
        if reference:
            yield _key(reference)


def _key(reference: str) -> str:
    return storable(reference, REFERENCE_CHARS)
