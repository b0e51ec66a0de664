"""Calendar invitations (RFC 5545, RFC 5546, RFC 6047) as one neutral meeting; what cannot be read is left out."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from channels.mime.charset import decode
from channels.mime.kinds import Answer, Attendee, Invitation

if TYPE_CHECKING:
    from icalendar import Component

TYPES = {"text/calendar", "application/ics", "text/x-vcalendar"}
ANSWERS = {"needs-action", "accepted", "declined", "tentative", "delegated"}
BLOCK = re.compile(r"^BEGIN:(VTIMEZONE|VEVENT)\s*$.*?^END:\1\s*$", re.MULTILINE | re.IGNORECASE | re.DOTALL)
NESTED = re.compile(r"^BEGIN:VALARM\s*$.*?^END:VALARM\s*$\n?", re.MULTILINE | re.IGNORECASE | re.DOTALL)
LONG_ZONE = re.compile(r";TZID=[^:;]{100,}", re.IGNORECASE)  # the library looks for a file of this name
METHOD = re.compile(r"^METHOD:\s*([A-Za-z-]{1,40})", re.MULTILINE | re.IGNORECASE)
MAX_BYTES, MAX_LINE, MAX_ZONES = 300_000, 10_000, 20
MAX_ATTENDEES, MAX_TEXT = 500, 10_000


def is_calendar(kind: str, filename: str) -> bool:
    """Whether a part is a calendar, by its type, or by its name where the type says nothing."""
    return kind in TYPES or (kind == "application/octet-stream" and filename.lower().endswith(".ics"))


def read_invitation(data: bytes, charset: str | None, method: str = "") -> Invitation | None:
    """The first meeting of a calendar; None when there is none, or when the calendar cannot be read at all."""
    text = _unfolded(decode(data[:MAX_BYTES], charset or "utf-8")[0])
    blocks = list(BLOCK.finditer(text))
    events = [match[0] for match in blocks if match[1].upper() == "VEVENT"]
    if not events:
        return None
    zones = [match[0] for match in blocks if match[1].upper() == "VTIMEZONE"][:MAX_ZONES]
    named = METHOD.search(text)
    event = _parsed(_whole(events), zones)
    return _invitation(event, (named[1] if named else method or "PUBLISH").upper(), len(events)) if event else None


def _unfolded(text: str) -> str:
    """Content lines in one piece (RFC 5545 §3.1), those that nobody writes by hand cut off."""
    text = re.sub(r"\n[ \t]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.strip()[:MAX_LINE] for line in text.split("\n"))


def _whole(events: list[str]) -> str:
    """The series rather than one of its exceptions, its alarms left out."""
    series = next((event for event in events if "\nRECURRENCE-ID" not in event), events[0])
    return LONG_ZONE.sub("", NESTED.sub("", series))


def _parsed(event: str, zones: list[str]) -> Component | None:
    """By the library; where a time zone cannot be read, without it."""
    from icalendar import Calendar  # costs 400 ms to import, and is needed for few mails

    for blocks in ([*zones, event], [event]):
        with contextlib.suppress(ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, OSError):
            calendar = Calendar.from_ical("\r\n".join(["BEGIN:VCALENDAR", *blocks, "END:VCALENDAR", ""]))
            if found := calendar.walk("VEVENT"):
                return found[0]
    return None


def _invitation(event: Component, method: str, count: int) -> Invitation:
    start, zone = _moment(event, "DTSTART")
    end = _end(event, start)
    all_day = start is not None and not isinstance(start, datetime)
    organiser = next(_people(event, "ORGANIZER"), None)
    rule = event.get("RRULE")
    return Invitation(
        method=method,
        uid=_text(event, "UID"),
        summary=_text(event, "SUMMARY"),
        description=_text(event, "DESCRIPTION"),
        start=start,
        end=end,
        all_day=all_day,
        timezone=zone,
        location=_text(event, "LOCATION"),
        organiser=organiser,
        attendees=tuple(person for person, _ in zip(_people(event, "ATTENDEE"), range(MAX_ATTENDEES), strict=False)),
        recurrence=_rule(rule[0] if isinstance(rule, list) and rule else rule),
        sequence=_number(event, "SEQUENCE"),
        cancelled=method == "CANCEL" or _text(event, "STATUS").upper() == "CANCELLED",
        more=count - 1,
    )


def _moment(event: Component, name: str) -> tuple[datetime | date | None, str]:
    """A day, an aware instant or a naive wall time, and the name of its time zone."""
    found = event.get(name)
    value = _dt(found)
    if not isinstance(value, date):
        return None, ""
    zone = str(getattr(found, "params", {}).get("TZID", ""))
    if isinstance(value, datetime) and value.tzinfo is not None:
        zone = zone or (value.tzname() or "")
        with contextlib.suppress(ValueError, OverflowError):
            value.isoformat()
            return value, zone
        value = value.replace(tzinfo=None)
    return value, zone


def _dt(found: Any) -> Any:
    """The Python value of a property; None when it is missing or broken, which the library tells by raising."""
    with contextlib.suppress(ValueError, AttributeError):
        return getattr(found[0] if isinstance(found, list) and found else found, "dt", None)
    return None


def _end(event: Component, start: datetime | date | None) -> datetime | date | None:
    """DTEND, else the start and DURATION; of an all-day meeting its last day, as DTEND names the day after."""
    end, _zone = _moment(event, "DTEND")
    duration = _dt(event.get("DURATION"))
    if end is None and start is not None and isinstance(duration, timedelta):
        with contextlib.suppress(OverflowError):
            end = start + duration
    if end is None or start is None or isinstance(end, datetime) != isinstance(start, datetime):
        return start if start is not None and not isinstance(start, datetime) else None
    if isinstance(end, datetime):
        return end
    return max(start, end - timedelta(days=1)) if end > date.min else start


def _people(event: Component, name: str) -> Iterator[Attendee]:
    found = event.get(name)
    for each in found if isinstance(found, list) else [found] if found is not None else []:
        params: Any = getattr(each, "params", {})
        address = re.sub(r"^mailto:", "", str(each).strip(), flags=re.IGNORECASE)
        if not 0 < len(address) <= 320:
            continue
        answer = str(params.get("PARTSTAT", "")).lower()
        yield Attendee(
            address=address,
            name=" ".join(str(params.get("CN", "")).split())[:200].strip("\"'"),
            answer=cast("Answer", answer) if answer in ANSWERS else "needs-action",
            optional=str(params.get("ROLE", "")).upper() in {"OPT-PARTICIPANT", "NON-PARTICIPANT"},
        )


def _text(event: Component, name: str) -> str:
    found = event.get(name)
    return str(found[0] if isinstance(found, list) and found else found or "").strip()[:MAX_TEXT]


def _number(event: Component, name: str) -> int:
    digits = _text(event, name)
    return int(digits[:9]) if digits.isdigit() else 0


def _rule(rule: Any) -> str:
    if rule is None or not hasattr(rule, "to_ical"):
        return ""
    with contextlib.suppress(ValueError, TypeError, AttributeError, KeyError):
        return str(rule.to_ical().decode("utf-8", "replace"))[:1_000]
    return ""
