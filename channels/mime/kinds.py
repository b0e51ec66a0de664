"""What a mail may be besides words and files: an invitation, and something signed or encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

Answer = Literal["needs-action", "accepted", "declined", "tentative", "delegated"]
Scheme = Literal["", "smime", "pgp"]


@dataclass(frozen=True, slots=True)
class Attendee:
    """One who is invited; ``answer`` is PARTSTAT (RFC 5545 §3.2.12) in lower case."""

    address: str
    name: str = ""
    answer: Answer = "needs-action"
    optional: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {"address": self.address, "name": self.name, "answer": self.answer, "optional": self.optional}


@dataclass(frozen=True, slots=True)
class Invitation:
    """One meeting of a calendar invitation (RFC 5546).

    ``start`` and ``end`` are aware instants in the organiser's own offset, naive where the calendar names no time zone
    (the same wall time everywhere), and dates when ``all_day``; the end of an all-day meeting is its last day, which
    belongs to it. ``recurrence`` is the rule without its name (``FREQ=WEEKLY;BYDAY=MO``), empty for a single meeting.
    """

    method: str  # upper case: REQUEST, CANCEL, REPLY, COUNTER, PUBLISH …; PUBLISH where none is named
    uid: str = ""
    summary: str = ""
    description: str = ""
    start: datetime | date | None = None
    end: datetime | date | None = None
    all_day: bool = False
    timezone: str = ""  # as the calendar names it
    location: str = ""
    organiser: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    recurrence: str = ""
    sequence: int = 0  # a higher one replaces a lower one of the same uid
    cancelled: bool = False
    more: int = 0  # further meetings in the same calendar

    def as_dict(self) -> dict[str, Any]:
        """The invitation as JSON: days as 2026-11-22, instants with their offset, wall times without one."""
        return {
            "method": self.method,
            "uid": self.uid,
            "summary": self.summary,
            "description": self.description,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "all_day": self.all_day,
            "timezone": self.timezone,
            "location": self.location,
            "organiser": self.organiser.as_dict() if self.organiser else None,
            "attendees": [attendee.as_dict() for attendee in self.attendees],
            "recurrence": self.recurrence,
            "sequence": self.sequence,
            "cancelled": self.cancelled,
            "more": self.more,
        }


@dataclass(frozen=True, slots=True)
class Protection:
    """How a mail says that it is signed or encrypted. A claim: no signature is checked, nothing is decrypted."""

    signed: Scheme = ""
    encrypted: Scheme = ""

    def as_dict(self) -> dict[str, str]:
        return {"signed": self.signed, "encrypted": self.encrypted}
