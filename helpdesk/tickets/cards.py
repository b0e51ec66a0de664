"""What a message is besides words and files, as cards: an invitation, and how it is signed or encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from channels.messages import IncomingMessage
from helpdesk.folding import storable
from helpdesk.tickets.models import Attachment, Message

CALENDARS = frozenset({"text/calendar", "application/ics"})
NOWHERE = frozenset({"", "UTC", "GMT", "Z"})
MOST_ATTENDEES = 100
TEXT_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    address: str
    answer: str  # in words, "" when there is none


@dataclass(frozen=True, slots=True)
class Meeting:
    """``start`` and ``end`` are aware instants, drawn in the reader's own zone. ``when`` says the organiser's time in words:
    "" where that tells nothing, as the calendar names no place for its clock."""

    heading: str
    tone: str
    title: str
    start: datetime | None
    end: datetime | None
    when: str
    repeats: str
    location: str
    organiser: Person | None
    attendees: Sequence[Person]
    more: int
    file: Attachment | None  # the calendar file, to be saved


def cards_of(incoming: IncomingMessage) -> dict[str, Any]:
    """What is kept of an incoming message for its cards: JSON, in bounds, as the database can hold it."""
    found: dict[str, Any] = {}
    if incoming.invitation:
        kept = incoming.invitation.as_dict()
        found["invitation"] = kept | {"attendees": kept["attendees"][:MOST_ATTENDEES]}
    if incoming.protection:
        found["protection"] = incoming.protection.as_dict()
    return {name: _storable(card) for name, card in found.items()}


def meeting(message: Message) -> Meeting | None:
    """The invitation of a message, in the reader's language."""
    card = message.cards.get("invitation")
    if not card:
        return None
    start, end = _time(card["start"]), _time(card["end"])
    instants = isinstance(start, datetime) and start.tzinfo is not None
    heading, tone = _heading(card)
    people = [_person(attendee) for attendee in card["attendees"]]
    return Meeting(
        heading=heading,
        tone=tone,
        title=card["summary"] or _("(no subject)"),
        start=start if instants and isinstance(start, datetime) else None,
        end=end if instants and isinstance(end, datetime) and end.tzinfo else None,
        when="" if instants and card["timezone"].upper() in NOWHERE else _words(start, end, card["timezone"]),
        repeats=_repeats(card["recurrence"]),
        location=card["location"],
        organiser=_person(card["organiser"]) if card["organiser"] else None,
        attendees=people,
        more=card["more"],
        file=next((file for file in message.attachments if file.content_type in CALENDARS), None),
    )


def protection(message: Message) -> tuple[str, str]:
    """A word for how the message says that it is protected, and what that means here; empty for neither."""
    card = message.cards.get("protection") or {}
    names = {"smime": "S/MIME", "pgp": "PGP"}
    if scheme := names.get(card.get("encrypted", "")):
        return _("Encrypted (%(scheme)s)", scheme=scheme), _(
            "Temas cannot read this message. Save the original and open it in a mail program that has the key."
        )
    if scheme := names.get(card.get("signed", "")):
        return _("Signed (%(scheme)s)", scheme=scheme), _("The signature has not been checked.")
    return "", ""


def _heading(card: dict[str, Any]) -> tuple[str, str]:
    if card["cancelled"] or card["method"] == "CANCEL":
        return _("Meeting cancelled"), "late"
    if card["method"] in ("REPLY", "COUNTER"):
        answering = next((_person(attendee) for attendee in card["attendees"]), None)
        answer = answering.answer if answering else ""
        return (_("Answer to an invitation: %(answer)s", answer=answer) if answer else _("Answer to an invitation")), ""
    if card["sequence"] > 0:
        return _("Invitation, updated"), "soon"
    return (_("Invitation") if card["method"] == "REQUEST" else _("Calendar entry")), "accent"


def _person(card: dict[str, Any]) -> Person:
    answers = {"accepted": _("accepted"), "declined": _("declined"), "tentative": _("maybe"), "delegated": _("delegated")}
    return Person(card["name"] or card["address"], card["address"], answers.get(card["answer"], ""))


def _repeats(rule: str) -> str:
    known = {"DAILY": _("every day"), "WEEKLY": _("every week"), "MONTHLY": _("every month"), "YEARLY": _("every year")}
    parts = dict(part.partition("=")[::2] for part in rule.upper().split(";"))
    plain = parts.get("INTERVAL", "1") == "1" and parts.get("FREQ") in known
    return "" if not rule else known[parts["FREQ"]] if plain else _("repeats")


def _words(start: date | None, end: date | None, zone: str) -> str:
    """When it is by the organiser's own clock."""
    if start is None:
        return ""
    if not isinstance(start, datetime):
        day = str(format_date(start, "full"))
        return day if end is None or end == start else f"{day} – {format_date(end, 'full')}"
    words = f"{format_date(start, 'full')} {start:%H:%M}"
    if isinstance(end, datetime):
        words += f"–{end:%H:%M}" if end.date() == start.date() else f" – {format_date(end, 'full')} {end:%H:%M}"
    return f"{words} ({zone})" if zone else words


def _time(value: str | None) -> date | None:
    if not value:
        return None
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value, TEXT_CHARS)
    if isinstance(value, dict):
        return {name: _storable(each) for name, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, list) else value
