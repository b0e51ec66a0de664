"""The sentences that scripts show, translated: one dictionary, written into every page as JSON."""

from __future__ import annotations

from functools import cache

from flask_babel import get_locale
from flask_babel import gettext as _


def words() -> dict[str, str]:
    """Sentences by the key that scripts use; ``%(n)s`` and the like are filled in by the browser."""
    return _words(str(get_locale()))


@cache
def _words(_language: str) -> dict[str, str]:
    return _times() | _connection() | _queue() | _ticket() | _composer() | _keys()


def _times() -> dict[str, str]:
    return {
        "now": _("now"),
        "minutes": _("%(n)sm"),
        "hours": _("%(n)sh"),
        "hoursMinutes": _("%(n)sh %(m)sm"),
        "days": _("%(n)sd"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
    }


def _connection() -> dict[str, str]:
    return {
        "lost": _("Connection lost."),
        "retrying": _("Trying again …"),
        "offline": _("You are offline."),
        "offlineHint": _("Replies go out when you are back."),
        "asOf": _("as of %(time)s"),
        "failed": _("The server did not answer. Nothing was changed; try again."),
        "serverError": _("Something broke on the server. Nothing was changed; try again."),
        "signedOut": _("You have been signed out. Your draft is kept on this device; sign in again to go on."),
        "retry": _("Retry"),
        "dismiss": _("Dismiss"),
    }


def _queue() -> dict[str, str]:
    return {
        "moved": _("%(n)s moved"),
        "movedOne": _("1 moved"),
        "new": _("%(n)s new"),
        "viewing": _("%(names)s viewing"),
        "replying": _("%(names)s replying"),
        "draft": _("Draft:"),
        "noneLeft": _("No unassigned ticket is waiting."),
    }


def _ticket() -> dict[str, str]:
    return {
        "rolledBack": _("Not changed: %(reason)s"),
        "sending": _("Sending …"),
        "queuedOffline": _("Waiting for the connection"),
        "notSent": _("Not sent: %(reason)s"),
        "sendsIn": _("Goes out in %(n)s s"),
        "undo": _("Undo"),
        "undone": _("Taken back. Your text is in the composer again."),
        "macroUndone": _("The macro was undone."),
        "linkPrompt": _("Address of the link"),
        "sideAnswered": _("%(who)s answered in a side conversation of #%(number)s"),
        "deliveryFailed": _("Your message of #%(number)s did not reach %(recipient)s"),
        "deliveryUnknown": _("Whether your message of #%(number)s reached %(recipient)s is not known"),
        "toldMentioned": _("%(who)s mentioned you on #%(number)s"),
        "toldAssigned": _("%(who)s assigned #%(number)s to you"),
        "toldReplied": _("%(who)s replied on #%(number)s"),
        "toldFollowed": _("%(who)s wrote on #%(number)s, which you follow"),
        "toldStopped": _("Your scheduled reply on #%(number)s was not sent: somebody answered first"),
        "toldReopened": _("#%(number)s was reopened"),
        "showTicket": _("Show"),
    }


def _composer() -> dict[str, str]:
    return {
        "placeholder": _("Write a reply"),
        "notePlaceholder": _("Write a note that only colleagues see"),
        "sidePlaceholder": _("Write to the third party"),
        "recipients": _("Recipients"),
        "copies": _("Copy: %(people)s"),
        "earlier": _("Earlier messages: %(n)s"),
        "removePerson": _("Remove %(name)s"),
        "noAddress": _("“%(address)s” is not an address."),
        "ownAddress": _("“%(address)s” is one of our own inboxes."),
        "draftSaved": _("Draft kept %(time)s"),
        "tooLarge": _("%(name)s is too large: at most %(limit)s in all."),
        "removeFile": _("Remove %(name)s"),
        "empty": _("Write something first."),
        "mentionWhom": _("People and teams to mention"),
        "nothingFound": _("Nothing found."),
        "editorFailed": _("The editor could not be loaded; plain text works all the same."),
    }


def _keys() -> dict[str, str]:
    return {
        "next": _("Next ticket"),
        "previous": _("Previous ticket"),
        "open": _("Open it"),
        "send": _("Send"),
        "sendClose": _("Send and close"),
        "leave": _("Leave the composer"),
        "sides": _("Queue or context on and off"),
    }
