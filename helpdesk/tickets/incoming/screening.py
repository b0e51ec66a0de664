"""Who sent a message, as far as our own server vouches for him, and whether it must wait for a person's decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from channels.messages import IncomingMessage
from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.sql import one_of
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming import bounces
from helpdesk.tickets.incoming.suspended_models import BlockedSender
from helpdesk.tickets.incoming.thread import Found, Sender
from helpdesk.tickets.models import Message, Ticket

Reason = Literal["blocked", "own", "policy", "notification", "loop"]
LOOP_MESSAGES, LOOP_TIME = 20, timedelta(days=1)
"""So many automatic messages of one sender on one ticket are an answer; more are two machines talking."""


class Screening:
    """What is known of the senders of one batch. ``messages``: normal address of the sender → his messages."""

    def __init__(self, channel: str, own: Collection[str], messages: Mapping[str, Collection[IncomingMessage]]) -> None:
        self.channel, self.own = channel, own
        judged = [
            address for address, wrote in messages.items() if any(one.verdict.result or one.forwarded_from for one in wrote)
        ]
        self._agents = _agents(judged)
        self._blocked = blocked(channel, messages)
        self._domains = {address.rpartition("@")[2] for address in own if "@" in address}

    def is_questionable(self, address: str) -> bool:
        """Whether not every message of this sender makes him a customer."""
        return address in self._agents or address in self._blocked or address in self.own

    def is_colleague(self, address: str) -> bool:
        """Whether this is the address of an agent, as far as somebody of this batch made it worth asking."""
        return address in self._agents

    def sender(self, message: IncomingMessage, address: str) -> Sender:
        """The sender of this message: a colleague only when our own server says that it is him."""
        result = message.verdict.result
        return Sender(
            address,
            one_line(message.sender.name, 200),
            doubted=result == "fail",
            insider=self._agents.get(address) if result == "pass" else None,
            ours=address in self.own,
        )

    def suspicion(self, message: IncomingMessage, sender: Sender, found: Found) -> Reason | None:
        """Why a person must look at this message before it goes to the queues; None when it may go there."""
        if sender.address in self._blocked and is_silenced(message):
            return "blocked"
        if sender.ours and tokens.is_forged(message.message_id):
            return "notification"
        proven = found.ticket is not None and found.clue is not None and found.clue.signed
        if sender.doubted and not proven:
            if sender.address in self._agents or sender.address.rpartition("@")[2] in self._domains:
                return "own"
            if message.verdict.policy in ("quarantine", "reject"):
                return "policy"
        return "loop" if found.ticket is not None and self._loops(message, sender, found.ticket) else None

    def _loops(self, message: IncomingMessage, sender: Sender, ticket: Ticket) -> bool:
        if not message.automatic or ticket.id is None or (message.bounce and bounces.is_proven(message.bounce)):
            return False
        written = (
            select(func.count(Message.id))
            .join(Identity)
            .where(
                Message.ticket_id == ticket.id,
                Message.automatic,
                Message.created_at > clock.now() - LOOP_TIME,
                Identity.channel == self.channel,
                Identity.address == sender.address,
            )
        )
        return (db.session.scalar(written) or 0) >= LOOP_MESSAGES


def _agents(addresses: Collection[str]) -> dict[str, Agent]:
    if not addresses:
        return {}
    statement = select(Agent).options(selectinload(Agent.teams)).where(Agent.active)
    found = db.session.scalars(statement.where(func.lower(Agent.email).in_(addresses)))
    return {agent.email.lower(): agent for agent in found}


def is_silenced(message: IncomingMessage) -> bool:
    """Whether a message of a blocked address is kept out: who forges an address must not silence the one whose it is."""
    return message.automatic or message.verdict.result != "pass"


def blocked(channel: str, addresses: Collection[str]) -> set[str]:
    """Those of the addresses whose mail somebody of us blocked."""
    statement = select(BlockedSender.address).where(BlockedSender.channel == channel)
    return set(db.session.scalars(statement.where(one_of(BlockedSender.address, addresses))))
