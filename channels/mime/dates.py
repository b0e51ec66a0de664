"""The Date field (RFC 5322 §3.3 and §4.3), also in the forms that programs really write."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

MAX_DATE = 200  # characters
MAX_NESTING = 4
COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
USUAL = re.compile(
    rf"(?:[A-Za-z]{{3}}, )?\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}} \d\d:\d\d:\d\d [+-]\d{{4}}", re.IGNORECASE
)
LOOSE_COLON = re.compile(r"(?<=\d)\s*:\s*(?=\d)")
LOOSE_COMMA = re.compile(r"\s+(?=,)")
SPACE_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d{4}$)")
GLUED_ZONE = re.compile(r"(?<=:\d\d)(?=[A-Za-z])")
NAMED_OFFSET = re.compile(r"(?:\b|(?<=\d))(?:GMT|UTC?|Z)\s?(?=[+-]\d)", re.IGNORECASE)
OFFSET = re.compile(r"(?<=[\s\d])([+-])(\d{1,2})(?::?(\d\d))?$")
HALF_DAY = re.compile(r"\b(\d{1,2})([:.]\d\d(?:[:.]\d\d)?)\s?([AP])M\b", re.IGNORECASE)
TURKISH_MONTH = re.compile(r"(?<=\d[ .-])(oca|şub|mar|nis|may|haz|tem|ağu|eyl|eki|kas|ara)\w*", re.IGNORECASE)
TURKISH_MONTHS = dict(
    zip(("oca", "şub", "mar", "nis", "may", "haz", "tem", "ağu", "eyl", "eki", "kas", "ara"), MONTHS, strict=True)
)


def date(value: str) -> datetime | None:
    """The aware instant of a Date field in its own offset; None when it cannot be read."""
    value = value[:MAX_DATE].strip()
    if not USUAL.fullmatch(value):
        value = _usual(value)
    with contextlib.suppress(ValueError, TypeError, IndexError, OverflowError):
        if parsed := parsedate_tz(value):
            year, month, day, hour, minute, second, *_rest, offset = parsed
            zone = timezone(timedelta(seconds=offset)) if offset else UTC
            full = year + 1900 if 100 <= year < 1000 else year  # three digits: RFC 5322 §4.3
            return datetime(full, month, day, hour, minute, min(second, 59), tzinfo=zone)
    with contextlib.suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(SPACE_BEFORE_OFFSET.sub("", value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _usual(value: str) -> str:
    """The same date without comments, with its zone apart and as four digits, its hour of 24 and its month English."""
    for _ in range(MAX_NESTING):
        value = COMMENT.sub(" ", value)
    value = GLUED_ZONE.sub(" ", LOOSE_COMMA.sub("", LOOSE_COLON.sub(":", value.strip())))
    value = HALF_DAY.sub(_hour_of_day, value).strip()
    value = OFFSET.sub(_four_digits, NAMED_OFFSET.sub(" ", value)) if ":" in value else value
    return TURKISH_MONTH.sub(lambda match: TURKISH_MONTHS.get(match[1].lower(), match[0]), value)


def _four_digits(zone: re.Match[str]) -> str:
    sign, hours, minutes = zone.groups()
    return f" {sign}{hours:0>2}{minutes or '00'}"


def _hour_of_day(time: re.Match[str]) -> str:
    hour = int(time[1])
    if not 1 <= hour <= 12:  # 15:04 PM
        return f"{time[1]}{time[2]}"
    return f"{hour % 12 + (12 if time[3] in 'Pp' else 0):02}{time[2]}"
