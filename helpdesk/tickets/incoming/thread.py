"""Which ticket a message belongs to: our own token, In-Reply-To, every reference, then the subject's tag.

Each counts only when the sender takes part in that ticket (RFC 5322 §3.6.4 gives the headers; anybody can write them).
State is loaded once for a whole batch and kept up to date while its messages are placed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from channels.messages import IncomingMessage
from helpdesk.agents.access import sees_team
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.folding import storable, words
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.merging import families
from helpdesk.tickets.models import Participant, ThreadReference, Ticket

Rule = Literal["plus", "token", "in_reply_to", "references", "subject", "bounce", "new"]

_TAG = re.compile(r"\[#(\d{1,18})\]")
_PREFIX = re.compile(r"^(?:\s*(?:\[[^\]]*\]|[^\W\d_]{1,12}(?:\[\d+\])?\s*:))+", re.IGNORECASE)
REFERENCE_CHARS = 500
STORED_REFERENCES = 200
STORED_PARTICIPANTS = 100


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a message: his normal address and the name he gives.

    ``doubted``: our own server holds him for somebody else. ``insider``: the colleague that he is proven to be.
    ``ours``: it is the address of one of our inboxes.
    """

    address: str
    name: str = ""
    doubted: bool = False
    insider: Agent | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Clue:
    """What points to a ticket: the rule, the words that it follows, and whether only a reader of our mail has them.

    The ticket is the one that is named, though it may have been merged into another one since.
    """

    ticket: Ticket
    rule: Rule
    by: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where a message belongs: into ``ticket``, else into a new one, linked to that of ``clue`` if there is any."""

    ticket: Ticket | None
    clue: Clue | None

    @property
    def via(self) -> Ticket | None:
        """The merged ticket by which the message found the one that took it over."""
        is_another = self.ticket is not None and self.clue is not None and self.clue.ticket is not self.ticket
        return self.clue.ticket if is_another and self.clue else None

    @property
    def rule(self) -> Rule:
        return self.clue.rule if self.clue and self.ticket is not None else "new"


class Threads:
    """The tickets that a batch of messages may belong to, locked, with who takes part in them."""

    def __init__(self, messages: Sequence[IncomingMessage]) -> None:
        references = {key for message in messages for key in _references(message)}
        self._by_reference: dict[str, list[Ticket]] = {}
        self._people: dict[Ticket, set[str]] = {}
        self._new_references: list[tuple[str, Ticket]] = []
        self._new_people: list[tuple[str, Ticket]] = []
        rows = db.session.execute(
            select(ThreadReference.reference, ThreadReference.ticket_id)
            .where(one_of(ThreadReference.reference, references))
            .order_by(ThreadReference.ticket_id)
        ).all()
        named = {number for message in messages for number in _named(message)}
        self._into, self._tickets = _lock_families(named | {ticket_id for _, ticket_id in rows})
        for reference, ticket_id in rows:
            self._by_reference.setdefault(reference, []).append(self._tickets[ticket_id])
        self._load_people()

    def find(self, message: IncomingMessage, sender: Sender) -> Found:
        """The message's ticket with the clue that led there, and else the first clue that its sender has no right to."""
        first: Clue | None = None
        for clue in self._clues(message):
            if self._may_follow(sender, clue):
                return Found(self.living(clue.ticket), clue)
            first = first or clue
        return Found(None, first)

    def living(self, ticket: Ticket) -> Ticket:
        """The ticket that has taken this one over, or this one."""
        return self._tickets[families.living(ticket.id, self._into)] if ticket.id in self._into else ticket

    def takes_part(self, ticket: Ticket, address: str) -> bool:
        """Whether this address is known on the ticket, or on one that is the same by now."""
        return any(address in people for one, people in self._people.items() if self.living(one) is ticket)

    def answered(self, message: IncomingMessage) -> Found:
        """The ticket that one of us writes on, who needs no part in it."""
        clue = next(self._clues(message), None)
        return Found(self.living(clue.ticket) if clue else None, clue)

    def signed(self, message_id: str) -> Ticket | None:
        """The ticket of one of our own Message-IDs: where that message is now, or where it was written."""
        number = tokens.ticket_of(message_id)
        if number is None:
            return None
        split_off = self._by_reference.get(_key(message_id), [])
        return split_off[0] if len(split_off) == 1 else self._tickets.get(number)

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

    def _may_follow(self, sender: Sender, clue: Clue) -> bool:
        """Whether this clue brings this sender into its ticket: only who takes part in it.

        A token of ours proves no more than that he had our mail, which may have been passed on to him.
        """
        ticket = self.living(clue.ticket)
        if sender.ours:
            return False
        if sender.insider is not None and sees_team(sender.insider, ticket.team_id):
            return True
        if sender.doubted and not clue.signed:
            return False
        return self.takes_part(ticket, sender.address)

    def _clues(self, message: IncomingMessage) -> Iterator[Clue]:
        for address in (*message.delivered_to, *message.to, *message.cc):
            if (ticket := self.signed(address.address)) is not None:
                yield Clue(ticket, "plus", address.address, signed=True)
        for reference in reversed([*message.references, *message.in_reply_to]):
            if (ticket := self.signed(reference)) is not None:
                yield Clue(ticket, "token", reference, signed=True)
        for reference in message.in_reply_to:
            yield from (Clue(ticket, "in_reply_to", reference) for ticket in self._seen_on(reference, message.subject))
        for reference in reversed(message.references):
            yield from (Clue(ticket, "references", reference) for ticket in self._seen_on(reference, message.subject))
        for number in _TAG.findall(message.subject):
            if int(number) in self._tickets:
                yield Clue(self._tickets[int(number)], "subject", f"[#{number}]")

    def _seen_on(self, reference: str, subject: str) -> list[Ticket]:
        """The tickets with this Message-ID; when it was used twice, those with the message's subject first."""
        found = self._by_reference.get(_key(reference), [])
        if len(found) < 2:
            return found
        wanted = _bare(subject)
        return sorted(found, key=lambda ticket: _bare(ticket.subject) != wanted)

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


def _lock_families(ids: set[int]) -> tuple[dict[int, int], dict[int, Ticket]]:
    """Lock these tickets with all that they are one with; returns which was merged into which, and the tickets."""
    into = families.around(ids)
    tickets = families.lock({*ids, *into, *into.values()})
    while missing := {one.merged_into_id for one in tickets.values() if one.merged_into_id} - tickets.keys():
        tickets |= families.lock(missing)  # merged while we were waiting
    return {one.id: one.merged_into_id for one in tickets.values() if one.merged_into_id}, tickets


def _named(message: IncomingMessage) -> Iterator[int]:
    """Numbers of tickets that the message names by a token of ours or by the subject's tag."""
    addresses = (address.address for address in (*message.delivered_to, *message.to, *message.cc))
    returned = (message.bounce.original_message_id,) if message.bounce else ()
    for text in (*message.in_reply_to, *message.references, message.message_id, *addresses, *returned):
        if (number := tokens.ticket_of(text)) is not None:
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


@lru_cache(4096)
def _bare(subject: str) -> str:
    """A subject without ``Re:`` and its like, tags and case."""
    return words(_PREFIX.sub("", subject))
