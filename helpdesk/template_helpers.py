"""What templates may call: initials, durations, sizes, marks of channels, and which screens exist for this person."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from functools import cache
from html import unescape
from pathlib import Path

from flask import Flask
from flask_babel import format_date, format_decimal, get_locale, ngettext
from flask_babel import gettext as _
from jinja2.utils import urlize
from markupsafe import Markup, escape

from channels import registry
from helpdesk import clock, signed_links
from helpdesk.rail import go_keys, rail
from helpdesk.words import words

ICONS = Path(__file__).parent.parent / "templates" / "_icons.svg"
SOON = 25 * 60  # seconds before a deadline from which its clock asks for attention
MINUTE, HOUR, DAY = 60, 3600, 86400
_ODD = re.compile(r"xn--|://[^/\s]*(?:@|[^\x00-\x7f])|://(?:\d|\[)|www\.[^/\s]*[^\x00-\x7f]", re.IGNORECASE)
_HREF = re.compile(r'href="([^"]*)"')
_LINKABLE = re.compile(r"\w[.@:]\w|://")


def install(app: Flask) -> None:
    """Register the filters and functions below with the application's templates."""
    app.jinja_env.filters.update(
        initials=initials,
        linked=linked,
        tone=tone,
        iso=iso,
        duration=duration,
        age=age,
        filesize=filesize,
        paragraphs=paragraphs,
        day=day,
        decimal=decimal,
        month=month,
    )
    app.jinja_env.globals.update(
        channel_mark=channel_mark, channel_label=channel_label, left=left, rail=rail, go_keys=go_keys, words=words
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def linked(line: str) -> Markup:
    """The line as HTML, with links where it names addresses; most lines name none, and looking closely is slow."""
    if _LINKABLE.search(line) is None:
        return escape(line)
    html = urlize(line, 80, rel="noopener noreferrer nofollow", target="_blank")
    return Markup(_HREF.sub(_looked_at, html) if _ODD.search(line) else html)  # noqa: S704 - it escapes


def _looked_at(tag: re.Match[str]) -> str:
    """A link that is odd passes the page that says so."""
    url = unescape(tag[1])
    return f'href="{escape(signed_links.href(url, url)[0])}"'


def initials(name: str) -> str:
    """One or two capitals of a name or an address; dotted and dotless i are kept apart."""
    parts = [part for part in re.split(r"[\s._\-+@]+", name.split("@")[0]) if part and part[0].isalnum()]
    return "".join(_capital(part[0], name) for part in (parts[:1] + parts[1:][-1:])) or "?"


def _capital(letter: str, name: str) -> str:
    turkish = str(get_locale()) == "tr" or any(sign in name for sign in "çğışöüÇĞİŞÖÜ")
    return "İ" if letter == "i" and turkish else letter.upper()


def tone(key: object) -> int:
    """Which of the six quiet face colours (1 to 6) belongs to this name or id, always the same."""
    return zlib.crc32(str(key).encode()) % 6 + 1


def iso(instant: datetime) -> str:
    """The instant for a ``datetime`` attribute, UTC, to the second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def duration(seconds: float) -> str:
    """A length of time in at most two units: ``12m``, ``1h 05m``, ``3d``. The browser's ticker writes the same."""
    minutes = int(abs(seconds) // MINUTE)
    if minutes < 60:
        return _("%(n)sm", n=minutes)
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return _("%(n)sh %(m)sm", n=hours, m=f"{rest:02}") if rest else _("%(n)sh", n=hours)
    return _("%(n)sd", n=minutes // (24 * 60))


def day(instant: datetime) -> str:
    """The date in the reader's words: ``24 November 2026``."""
    return str(format_date(instant, "d MMMM y"))


def decimal(value: float) -> str:
    """A mean with one decimal, as the reader's language writes it."""
    return str(format_decimal(round(value, 1), format="0.0"))


def month(instant: datetime) -> str:
    """The month and the year, short: ``Nov 26``."""
    return str(format_date(instant, "LLL yy"))


def age(instant: datetime) -> str:
    """How long ago, in one unit: ``now``, ``12m``, ``3h``, ``5d``."""
    seconds = (clock.now() - instant).total_seconds()
    if seconds < MINUTE:
        return _("now")
    unit = next(unit for unit in (DAY, HOUR, MINUTE) if seconds >= unit)
    return duration(seconds // unit * unit)


def left(due: datetime) -> tuple[str, str]:
    """State (``ok soon late``) and wording of the time until a deadline."""
    seconds = (due - clock.now()).total_seconds()
    if seconds < 0:
        return "late", "−" + duration(seconds)
    return ("soon" if seconds <= SOON else "ok"), duration(seconds)


def filesize(size: int) -> str:
    """Bytes in a unit that people read."""
    if size < 1000:
        return ngettext("%(num)s byte", "%(num)s bytes", size)
    number, unit = (size / 1e6, "MB") if size >= 1e6 else (size / 1e3, "KB")
    text = f"{number:.1f}" if number < 10 else f"{number:.0f}"
    return f"{text.replace('.', ',') if str(get_locale()) == 'tr' else text} {unit}"


def paragraphs(text: str) -> list[list[str]]:
    """Text as paragraphs of lines, blank lines dropped."""
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip("\n"))
    return [block.split("\n") for block in blocks if block.strip()]


def channel_mark(kind: str) -> str:
    """The icon's name for a channel; channels without a mark of their own share one."""
    return kind if f'id="c-{kind}"' in _icons() else "api"


def channel_label(kind: str) -> str:
    """What people call this channel, in the reader's language."""
    try:
        return _(registry.get(kind).label)
    except LookupError:  # a channel that this installation no longer has
        return kind


@cache
def _icons() -> str:
    return ICONS.read_text()
