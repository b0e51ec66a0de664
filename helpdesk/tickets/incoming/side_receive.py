"""Answers of third parties: taken out of what arrives before customers' tickets are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from channels import registry
from channels.messages import Address, IncomingMessage
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.queries import own_addresses
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming import origin
from helpdesk.tickets.incoming.place import Arrival
from helpdesk.tickets.incoming.screening import blocked, is_silenced
from helpdesk.tickets.incoming.stored import ADDRESS_CHARS, message_of, store_blobs
from helpdesk.tickets.incoming.thread import Clue, Found, Rule
from helpdesk.tickets.models import SideConversation, Ticket
from helpdesk.tickets.outgoing.recipients import Person
from helpdesk.tickets.outgoing.side import MOST_PEOPLE
from helpdesk.tickets.timeline import Actor, record

_NOWHERE: tuple[None, Rule, str] = (None, "new", "")
_TAG = re.compile(r"\[#\d{1,18}/(\d{1,18})\]")


def take(inbox: Inbox, arrivals: Sequence[Arrival], *, vouched: bool = False) -> list[Arrival]:
    """Write what belongs to side conversations, within the caller's transaction; returns the arrivals that do not.

    A message belongs to one when it answers our signed id, or has its tag in the subject, and its sender takes part. The
    tag, which anybody could write, brings in nobody whom our own server holds for somebody else; and whom we blocked
    nothing brings in. Neither holds for what a person has ``vouched`` for.
    """
    named = {arrival.received_id: list(_named(arrival.message, vouched)) for arrival in arrivals}
    sides = _load(inbox.channel, {side_id for names in named.values() for side_id, _rule, _by in names})
    if not sides:
        return list(arrivals)
    senders = {arrival.received_id: _person(inbox.channel, arrival.message.sender) for arrival in arrivals}
    kept_out = set() if vouched else blocked(inbox.channel, {sender["address"] for sender in senders.values()})
    rest = []
    for arrival in arrivals:
        sender = senders[arrival.received_id]
        silenced = sender["address"] in kept_out and is_silenced(arrival.message)
        candidates = ((sides[side_id], rule, by) for side_id, rule, by in named[arrival.received_id] if side_id in sides)
        side, rule, by = next((one for one in candidates if _takes_part(one[0], sender)), _NOWHERE)
        if side is None or arrival.message.bounce or silenced:
            rest.append(arrival)
        else:
            known = origin.of(arrival.message, _found(side.ticket, rule, by), vouched=vouched)
            _write(inbox, side, arrival, sender, known)
    return rest


def _named(message: IncomingMessage, vouched: bool) -> Iterator[tuple[int, Rule, str]]:
    """The side conversations that a message names, the surest first, each with the rule and the words that name it."""
    for reference in (*message.in_reply_to, *reversed(message.references)):
        if (side_id := tokens.side_conversation_of(reference)) is not None:
            yield side_id, "token", reference
    if vouched or message.verdict.result != "fail":
        tags = ((int(found[1]), found[0]) for found in _TAG.finditer(message.subject))
        yield from ((side_id, "subject", tag) for side_id, tag in tags)


def _load(channel: str, ids: set[int]) -> dict[int, SideConversation]:
    if not ids:
        return {}
    statement = (
        select(SideConversation)
        .join(Ticket)
        .options(joinedload(SideConversation.ticket))
        .where(one_of(SideConversation.id, ids), Ticket.channel == channel)
    )
    return {side.id: side for side in db.session.scalars(statement)}


def _takes_part(side: SideConversation, sender: Person) -> bool:
    return any(person["address"] == sender["address"] for person in side.people)


def _found(ticket: Ticket, rule: Rule, by: str) -> Found:
    return Found(ticket, Clue(ticket, rule, by, signed=rule == "token"))


def _write(inbox: Inbox, side: SideConversation, arrival: Arrival, sender: Person, known: dict[str, Any]) -> None:
    """The answer as an entry of the ticket: its agent is told, but nothing that waits for the customer moves."""
    incoming, ticket = arrival.message, side.ticket
    store_blobs(file.data for file in incoming.attachments)
    message = message_of(
        ticket, inbox.channel, incoming, arrival.received_id,
        direction="inbound", sender=sender, side_conversation=side, origin=known,
    )  # fmt: skip
    if known.get("vouched") or incoming.verdict.result != "fail":
        _bring_along(side, inbox.channel, incoming)
    ticket.unread = True
    actor = Actor("third_party", None, sender["name"] or sender["address"])
    record(ticket, "side_message", actor, message=message, data={"side_conversation": side.id})


def _bring_along(side: SideConversation, channel: str, incoming: IncomingMessage) -> None:
    """Whom a participant puts on copy takes part from now on."""
    own, known = own_addresses(channel), {person["address"] for person in side.people}
    people = [_person(channel, one) for one in (*incoming.to, *incoming.cc)]
    customers = {one.address for one in side.ticket.customer.identities}
    joined = {one["address"]: one for one in people if one["address"] not in own and one["address"] not in known | customers}
    if joined:
        side.people = [*side.people, *joined.values()][:MOST_PEOPLE]


def _person(channel: str, address: Address) -> Person:
    try:
        normal = registry.get(channel).normalise(storable(address.address, ADDRESS_CHARS))
    except ValueError:
        normal = one_line(address.address, ADDRESS_CHARS).lower()
    return {"address": normal, "name": one_line(address.name, 200)}
