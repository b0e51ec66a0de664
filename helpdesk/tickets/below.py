"""What is sent below an answer: the signature, and what was said before, which its recipient has seen already."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from channels.html_text import text_to_html
from helpdesk import signatures
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.i18n import LANGUAGES
from helpdesk.inboxes.queries import outline
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.recipients import Person

MOST_QUOTED, LOOKED_AT = 3, 20
QUOTED_CHARS = 6_000  # of each message: a history is a reminder, not an archive
HOME_ZONES = {"tr": "Europe/Istanbul"}
"""Where a customer probably reads who has not told his time zone, by his language."""


def add(agent: Agent, ticket: Ticket, message: Message) -> None:
    """Fix what is sent below this addressed message: it stays the same however often it is tried."""
    message.signature = signature(agent, ticket)
    message.quoted = [earlier.id for earlier in history(ticket, message.to, message.side_conversation_id)]


def signature(agent: Agent, ticket: Ticket) -> str:
    """The agent's and the inbox's signature in the customer's language, or in whichever the inbox has."""
    inbox, channel = ticket.inbox, outline(ticket.inbox)
    wanted = (_language(ticket), inbox.language, *LANGUAGES)
    template = next(filter(None, map(channel.signature, wanted)), "")
    own = signatures.render(agent.signature, values(agent, ticket))
    filled = signatures.render(template, values(agent, ticket, own))
    return filled if "agent.signature" in template else "\n\n".join(filter(None, (own, filled)))


def values(agent: Agent, ticket: Ticket, own_signature: str = "") -> dict[str, dict[str, str]]:
    """What a signature may ask for."""
    return {
        "agent": {"name": agent.name, "email": agent.email, "signature": own_signature},
        "team": {"name": ticket.team.name if ticket.team else ""},
        "inbox": {"name": ticket.inbox.name, "address": ticket.inbox.address},
        "ticket": {"number": str(ticket.number)},
    }


def history(ticket: Ticket, to: Sequence[Person], side_conversation_id: int | None = None) -> list[Message]:
    """The last messages that everybody in To has seen, newest first; none where the inbox does not quote.

    Never notes, never what was taken back, and nothing of another conversation.
    """
    if not outline(ticket.inbox).quotes:
        return []
    rows = db.session.scalars(
        select(Message)
        .options(selectinload(Message.deliveries))
        .where(
            Message.ticket_id == ticket.id,
            Message.side_conversation_id.is_not_distinct_from(side_conversation_id),
            Message.direction != "note",
            Message.automatic.is_(False),
        )
        .order_by(Message.id.desc())
        .limit(LOOKED_AT)
    )
    readers = {person["address"] for person in to}
    seen = (row for row in rows if readers <= _seen_by(row) and not _taken_back(row))
    return list(islice(seen, MOST_QUOTED))


def as_text(message: Message) -> str:
    """The whole text of an outbound message, with what is sent below it."""
    parts = [message.text, f"-- \n{message.signature}" if message.signature else "", _quoted_text(message)]
    return "\n\n".join(filter(None, parts))


def as_html(message: Message) -> str:
    """The whole HTML of an outbound message; empty when it was written as text."""
    if not message.html:
        return ""
    signed = f"<p>--&nbsp;<br>\n{text_to_html(message.signature)}</p>" if message.signature else ""
    return "\n".join(filter(None, (message.html, signed, _quoted_html(message))))


def _quoted_text(message: Message) -> str:
    lines: list[str] = []
    for earlier in reversed(_quoted(message)):
        inner = [*_shortened(earlier).split("\n"), *(["", *lines] if lines else [])]
        lines = [introduction(message.ticket, earlier), *(f"> {line}".rstrip() for line in inner)]
    return "\n".join(lines)


def _quoted_html(message: Message) -> str:
    html = ""
    for earlier in reversed(_quoted(message)):
        said = f"<p>{text_to_html(_shortened(earlier))}</p>"
        html = f'<p>{escape(introduction(message.ticket, earlier))}</p>\n<blockquote type="cite">{said}\n{html}</blockquote>'
    return html


def introduction(ticket: Ticket, message: Message) -> str:
    """Who wrote this message and when, in the customer's language and time zone."""
    language = _language(ticket)
    with force_locale(language):
        return _("On %(date)s, %(who)s wrote:", date=when(ticket, message), who=writer(message))


def when(ticket: Ticket, message: Message) -> str:
    """When a message was written, as the customer's clock shows it."""
    language = _language(ticket)
    zone = ticket.customer.time_zone or HOME_ZONES.get(language, "UTC")
    shown: str = format_datetime(message.created_at, "d MMM y HH:mm", ZoneInfo(zone), language)
    return f"{shown} UTC" if zone == "UTC" else shown


def writer(message: Message) -> str:
    """Name and address of who wrote a message; of our own agents, the inbox's."""
    person = _writer(message)
    return f"{person['name']} <{person['address']}>" if person["name"] else person["address"]


def _writer(message: Message) -> Person:
    if message.identity is not None and message.direction == "inbound":
        return {"name": message.identity.name, "address": message.identity.address}
    if message.sender:
        return message.sender
    return {"name": message.ticket.inbox.name, "address": message.ticket.inbox.address}


def _quoted(message: Message) -> list[Message]:
    if not message.quoted:
        return []
    found = {row.id: row for row in db.session.scalars(select(Message).where(Message.id.in_(message.quoted)))}
    return [found[key] for key in message.quoted if key in found]


def _shortened(message: Message) -> str:
    text = (message.visible_text or message.text).strip()
    return text if len(text) <= QUOTED_CHARS else f"{text[:QUOTED_CHARS].rstrip()} […]"


def _seen_by(message: Message) -> set[str]:
    people: list[Any] = [*message.to, *message.cc, _writer(message)]
    return {person["address"].lower() for person in people}


def _taken_back(message: Message) -> bool:
    return bool(message.deliveries) and all(delivery.status == "cancelled" for delivery in message.deliveries)


def _language(ticket: Ticket) -> str:
    return ticket.customer.language or ticket.inbox.language
