"""In words: what was merged, split off and linked."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from helpdesk.tickets.models import Entry
from helpdesk.tickets.sentences import EVENTS, Line


def install(app: Flask) -> None:
    """Give timelines the sentences of these entries."""
    EVENTS.update(
        merged=_merged,
        merged_into=_merged_into,
        unmerged=_unmerged,
        split_off=_split_off,
        split_from=_split_from,
        link_added=_link_added,
        link_removed=_link_removed,
    )
    app.jinja_env.globals.update(ticket_link=ticket_link)


def ticket_link(number: int) -> Markup:
    """A ticket's number that leads there."""
    return Markup('<a class="link num" href="/tickets/{0}" data-turbo-frame="_top">#{0}</a>').format(number)


def _line(icon: str, entry: Entry, sentence: str) -> Line:
    who = Markup("<b>{}</b>").format(entry.actor_name or "Temas")
    filled = {"who": who, "ticket": ticket_link(entry.data["ticket"])}
    return Line(icon, Markup(sentence) % filled)  # noqa: S704  # Markup's % escapes what it fills in


def _merged(entry: Entry) -> Line:
    reopened = _("%(who)s merged %(ticket)s into this ticket, which is open again")
    return _line("merge", entry, reopened if entry.data.get("reopened") else _("%(who)s merged %(ticket)s into this ticket"))


def _merged_into(entry: Entry) -> Line:
    return _line("merge", entry, _("%(who)s merged this ticket into %(ticket)s"))


def _unmerged(entry: Entry) -> Line:
    since = entry.data.get("since") or 0
    if entry.data.get("way") == "back":
        sentence = _("%(who)s undid the merge into %(ticket)s")
        if since:
            sentence += ". " + ngettext("%(num)s message that came since was brought along",
                                        "%(num)s messages that came since were brought along", since)  # fmt: skip
        return _line("undo", entry, sentence)
    sentence = _("%(who)s undid the merge of %(ticket)s")
    if since:
        sentence += ". " + ngettext("%(num)s message that came through its mails went with it",
                                    "%(num)s messages that came through its mails went with it", since)  # fmt: skip
    return _line("undo", entry, sentence)


def _split_off(entry: Entry) -> Line:
    count = entry.data.get("count") or 1
    if count == 1:
        return _line("split", entry, _("%(who)s split a message off into %(ticket)s"))
    return _line("split", entry, _("%(who)s split several messages off into %(ticket)s"))


def _split_from(entry: Entry) -> Line:
    return _line("split", entry, _("%(who)s split this off from %(ticket)s"))


def _link_added(entry: Entry) -> Line:
    return _line("link", entry, {
        "parent": _("%(who)s made %(ticket)s the parent of this ticket"),
        "child": _("%(who)s made %(ticket)s a child of this ticket"),
    }.get(entry.data.get("way", ""), _("%(who)s linked this to %(ticket)s")))  # fmt: skip


def _link_removed(entry: Entry) -> Line:
    return _line("link", entry, _("%(who)s removed the link to %(ticket)s"))
