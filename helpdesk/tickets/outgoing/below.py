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
from sqlalchemy import ColumnElement, select

from channels.html.text import text_to_html
from helpdesk import signatures
from helpdesk.agents.models import Agent
from helpdesk.cursors import LARGEST_ID
from helpdesk.extensions import db
from helpdesk.i18n import LANGUAGES
from helpdesk.inboxes.queries import outline
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.outgoing.recipients import Person, who_to_whom

MOST_QUOTED, LOOKED_AT = 3, 20
QUOTED_CHARS = 6_000  # of each message: a history is a reminder, not an archive
FORWARDED_CHARS = 200_000
HOME_ZONES = {"tr": "Europe/Istanbul"}
"""Where a customer probably reads who has not told his time zone, by his language."""


def add(agent: Agent, ticket: Ticket, message: Message) -> None:
    """Fix what is sent below this addressed message: it stays the same however often it is tried."""
    message.signature = signature(agent, ticket, _language(message))
    db.session.flush()
    earlier = history(ticket, message.to, message.side_conversation_id, before=message.id)
    message.quoted = [one.id for one in earlier]


def preview(agent: Agent, ticket: Ticket, to: Sequence[Person]) -> tuple[str, int]:
    """The signature, and how many earlier messages would be sent below an answer to these people."""
    return signature(agent, ticket, _spoken(ticket)), len(history(ticket, to)) if to else 0


def signature(agent: Agent, ticket: Ticket, language: str) -> str:
    """The agent's and the inbox's signature in this language, or in whichever the inbox has."""
    inbox, channel = ticket.inbox, outline(ticket.inbox)
    wanted = (language, inbox.language, *LANGUAGES)
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


def history(
    ticket: Ticket, to: Sequence[Person], side_conversation_id: int | None = None, *, before: int = LARGEST_ID
) -> list[Message]:
    """The last messages that everybody in To has seen, newest first; none where the inbox does not quote.

    Never notes, never what was taken back, and nothing of another conversation.
    """
    if not outline(ticket.inbox).quotes:
        return []
    rows = db.session.scalars(
        select(Message)
        .options(*who_to_whom())
        .where(
            Message.ticket_id == ticket.id,
            Message.id < before,
            Message.side_conversation_id.is_not_distinct_from(side_conversation_id),
            Message.direction != "note",
            Message.automatic.is_(False),
            ~_taken_back(),
        )
        .order_by(Message.id.desc())
        .limit(LOOKED_AT)
    )
    readers = {person["address"] for person in to}
    return list(islice((row for row in rows if readers <= _seen_by(row)), MOST_QUOTED))


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
        if _is_forwarded(message, earlier):
            return "\n".join([*_forwarded_head(message, earlier), "", earlier.text[:FORWARDED_CHARS]])
        inner = [*_shortened(earlier).split("\n"), *(["", *lines] if lines else [])]
        lines = [introduction(message, earlier), *(f"> {line}".rstrip() for line in inner)]
    return "\n".join(lines)


def _quoted_html(message: Message) -> str:
    html = ""
    for earlier in reversed(_quoted(message)):
        if _is_forwarded(message, earlier):
            head = "<br>\n".join(map(escape, _forwarded_head(message, earlier)))
            return f"<p>{head}</p>\n<p>{text_to_html(earlier.text[:FORWARDED_CHARS])}</p>"
        said = f"<p>{text_to_html(_shortened(earlier))}</p>"
        told = escape(introduction(message, earlier))
        html = f'<p>{told}</p>\n<blockquote type="cite">{said}\n{html}</blockquote>'
    return html


def _is_forwarded(message: Message, earlier: Message) -> bool:
    return earlier.side_conversation_id != message.side_conversation_id


def _forwarded_head(message: Message, earlier: Message) -> list[str]:
    with force_locale(_language(message)):
        to = ", ".join(person["address"] for person in earlier.to)
        lines = [
            _("---------- Forwarded message ----------"),
            _("From: %(who)s", who=writer(earlier)),
            _("Date: %(date)s", date=when(message, earlier)),
            _("Subject: %(subject)s", subject=earlier.subject),
        ]
        return [*lines, _("To: %(people)s", people=to)] if to else lines


def introduction(message: Message, earlier: Message) -> str:
    """Who wrote an earlier message and when, as the readers of this one see it."""
    with force_locale(_language(message)):
        return _("On %(date)s, %(who)s wrote:", date=when(message, earlier), who=writer(earlier))


def when(message: Message, earlier: Message) -> str:
    """When an earlier message was written, as the clock of this one's readers shows it."""
    language, customer = _language(message), message.ticket.customer
    told = customer.time_zone if message.side_conversation_id is None else None
    zone = told or HOME_ZONES.get(language, "UTC")
    shown: str = format_datetime(earlier.created_at, "d MMM y HH:mm", ZoneInfo(zone), language)
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
    rows = db.session.scalars(select(Message).where(Message.id.in_(message.quoted), ~_taken_back()))
    found = {row.id: row for row in rows}  # without what was taken back since it was quoted
    return [found[key] for key in message.quoted if key in found]


def _shortened(message: Message) -> str:
    text = (message.visible_text or message.text).strip()
    return text if len(text) <= QUOTED_CHARS else f"{text[:QUOTED_CHARS].rstrip()} […]"


def _seen_by(message: Message) -> set[str]:
    people: list[Any] = [*message.to, *message.cc, _writer(message)]
    return {person["address"].lower() for person in people}


def _taken_back() -> ColumnElement[bool]:
    """The criterion for messages that were on their way and all of whose deliveries were cancelled."""
    return Message.deliveries.any() & ~Message.deliveries.any(Delivery.status != "cancelled")


def _language(message: Message) -> str:
    """The customer's language; that of the inbox where a third party reads."""
    return _spoken(message.ticket) if message.side_conversation_id is None else message.ticket.inbox.language


def _spoken(ticket: Ticket) -> str:
    language = ticket.customer.language
    return language if language in LANGUAGES else ticket.inbox.language
