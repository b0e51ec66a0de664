"""What went wrong with an inbox, in three parts: what happened, what is safe, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from channels.failures import ChannelFailure
from helpdesk.inboxes.models import Inbox

Way = Literal["receive", "send"]


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure as people read it. ``words`` are the server's own."""

    title: str
    safe: str
    todo: tuple[str, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class State:
    tone: str  # late soon done, or "" for neither
    icon: str
    word: str


def trouble(way: Way, code: str, words: str = "", waiting: int = 0) -> Trouble:
    """The three parts for a problem's code. ``waiting``: how many messages wait to be sent."""
    happened, todo = _known(code)
    title = _("Cannot receive: %(why)s", why=happened) if way == "receive" else _("Cannot send: %(why)s", why=happened)
    return Trouble(title, _safe(way, waiting), todo, words)


def state(inbox: Inbox, quarantined: int = 0) -> State:
    """How an inbox stands, in one word or two."""
    if not inbox.enabled:
        return State("", "pause", _("Paused"))
    receives, sends = inbox.receive_state, inbox.send_state
    if "failing" in (receives, sends):
        one_way = _("Cannot send") if sends == "failing" else _("Cannot receive")
        return State("late", "alert", _("Not working") if receives == sends else one_way)
    if quarantined:
        return State("soon", "alert", ngettext("%(num)s unreadable item", "%(num)s unreadable items", quarantined))
    if receives == "unknown" and sends == "unknown":
        return State("", "clock", _("Not connected yet"))
    return State("done", "check", _("Working"))


def _safe(way: Way, waiting: int) -> str:
    if way == "receive":
        return _("Nothing is lost: messages wait on the server and are fetched as soon as it works again.")
    if not waiting:
        return _("Nothing is lost: what you send waits in the queue and leaves by itself as soon as it works again.")
    return ngettext(
        "Nothing is lost: %(num)s message waits in the queue and leaves by itself as soon as it works again.",
        "Nothing is lost: %(num)s messages wait in the queue and leave by themselves as soon as it works again.",
        waiting,
    )


def _known(code: str) -> tuple[str, tuple[str, ...]]:
    """What happened, and what to do, for one of channels.base.ProblemCode."""
    known = _connecting() | _refusing() | _consenting()
    return known.get(code) or (
        _("the server refused it"),
        (_("Read the server's words below: they name the reason."), _("Correct the settings and test again.")),
    )


def _connecting() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        "settings": (
            _("a setting is missing or contradicts another"),
            (_("Fill in the field that is named below, and test again."),),
        ),
        "dns": (
            _("the server's name was not found"),
            (
                _("Check the spelling of the server's name."),
                _("Your provider's help page lists it under “IMAP” or “SMTP settings”."),
            ),
        ),
        "unreachable": (
            _("the server could not be reached"),
            (
                _("Check the port and the encryption: they belong together."),
                _("Ask your network's admin whether a firewall blocks this port."),
            ),
        ),
        "timeout": (
            _("the server did not answer in time"),
            (
                _("Check the port and the encryption: a wrong pair often just stays silent."),
                _("If they are right, wait: Temas keeps trying by itself."),
            ),
        ),
        "tls": (
            _("the server's certificate cannot be trusted"),
            (
                _("Use the server's name exactly as its certificate has it, not an IP address."),
                _("If the certificate has expired, the server's owner must renew it."),
            ),
        ),
        "busy": (_("the server asks us to come back later"), (_("Wait: Temas keeps trying by itself."),)),
        "protocol": (
            _("the server said something that its protocol does not allow"),
            (_("Check that the port belongs to this kind of server."), _("Show the server's words below to its admin.")),
        ),
    }


def _refusing() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        "login": (
            _("the server did not accept the password"),
            (
                _("Many providers want an app password: create one for this mailbox in your account's security settings."),
                _("Paste it into the password field, and test again."),
            ),
        ),
        "folder": (
            _("the folder does not exist or may not be read"),
            (_("Write the folder's name exactly as the server has it; INBOX always exists."),),
        ),
        "sender": (
            _("the server does not let this address send"),
            (_("Use the account that owns this address, or allow it there as a sender."),),
        ),
        "recipient": (_("the recipient's address was refused"), (_("Check the recipient's address."),)),
        "quota": (
            _("the provider's sending limit is reached"),
            (
                _("Wait: Temas goes on by itself when the provider lets it."),
                _("If it happens often, ask the provider for a higher limit."),
            ),
        ),
        "policy": (
            _("the server took the mail for unwanted"),
            (
                _("Check that SPF, DKIM and DMARC of your domain name the server that sends."),
                _("Read the server's words below: they name the rule or the list."),
            ),
        ),
        "full": (_("the recipient's mailbox is full"), (_("Reach the recipient another way, or try again later."),)),
        "too_large": (_("the message is larger than the server accepts"), (_("Send smaller files, or a link to them."),)),
    }


def _consenting() -> dict[str, tuple[str, tuple[str, ...]]]:
    again = _("Then press Connect below.")
    return {
        "consent": (
            _("the mailbox's owner must consent (again)"),
            (
                _("Press Connect below, and sign in as the mailbox's owner."),
                _("Consent ends when it is taken back, after a change of password, or when it is not used for long."),
            ),
        ),
        "token": (
            _("the mail server did not accept the provider's token"),
            (
                _("Check that the account that consented may open this mailbox and send as its address."),
                _("Microsoft 365: the organisation's admin can allow IMAP and authenticated SMTP for the mailbox."),
                _("Google Workspace: the admin console can allow IMAP."),
            ),
        ),
        "denied": (_("consent was not given"), (_("Press Connect below, and choose “Accept” at the provider."),)),
        "admin_consent": (
            _("the organisation's admin must consent first"),
            (_("Ask the organisation's admin to approve the application for everybody."), again),
        ),
        "tenant": (
            _("the account does not belong to the organisation that the application is for"),
            (_("Check the tenant, and which accounts the application supports at the provider."), again),
        ),
        "client": (
            _("the provider does not accept the client ID or its secret"),
            (
                _("Copy both again from the provider's console: a secret's value, not its ID."),
                _("A secret has an end: make a new one when it is past."),
            ),
        ),
        "redirect": (
            _("the provider does not know our redirect URI"),
            (_("Register the redirect URI that is shown below with the application, letter by letter."), again),
        ),
    }


def consent_refused(failure: ChannelFailure) -> str:
    """One sentence about a consent that came to nothing, with the provider's words."""
    happened, todo = _known(failure.code)
    said = f" ({failure.detail})" if failure.detail else ""
    return _("Not connected: %(why)s. %(todo)s", why=f"{happened}{said}", todo=todo[0])
