"""In words: why a message landed where it is, who vouches for its sender, what was linked and what was offered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from markupsafe import Markup

from helpdesk.tickets.models import Entry, Message
from helpdesk.tickets.sentences import EVENTS, Line

REASONS = {
    "blocked": lazy_gettext("Somebody of the team blocked this sender."),
    "own": lazy_gettext("It claims to come from one of us, but our mail server says that it does not."),
    "policy": lazy_gettext("Our mail server says that it is forged, and the sender's domain asks to refuse forged mail."),
    "notification": lazy_gettext("It pretends to be a message of Temas, without our signature."),
    "loop": lazy_gettext(
        "It is one of too many automatic messages on one ticket within a day: two machines may be talking."
    ),
}
REASON_NAMES = {
    "blocked": lazy_gettext("Blocked"),
    "own": lazy_gettext("Pretends to be one of us"),
    "policy": lazy_gettext("Forged sender"),
    "notification": lazy_gettext("Forged notification"),
    "loop": lazy_gettext("Automatic loop"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """How a sender stands on one glance."""

    tone: str
    icon: str
    label: str
    sentence: str


def install(app: Flask) -> None:
    """Give templates the functions below, and timelines the sentences of these entries."""
    EVENTS.update(linked=_linked, offer=_offer, offer_answer=_answer)
    app.jinja_env.globals.update(
        sender_sign=sender_sign,
        why_here=why_here,
        folded_away=folded_away,
        suspicion=lambda name: REASONS.get(name, name),
        suspicion_name=lambda name: REASON_NAMES.get(name, name),
    )


def sender_sign(message: Message) -> Sign | None:
    """The mark on a message whose sender our own server judged; None when it said nothing."""
    known: dict[str, Any] = message.origin or {}
    server = known.get("server", "")
    if known.get("result") == "pass":
        return Sign("done", "check", _("Sender verified"), _("%(server)s vouches for this address.", server=server))
    if known.get("result") != "fail":
        return None
    sentence = _(
        "%(server)s could not verify this address: the mail may be forged. Ask before you act on it.", server=server
    )
    if known.get("vouched"):
        sentence = _(
            "%(server)s could not verify this address; somebody of the team looked at it and let it in.", server=server
        )
    return Sign("late", "alert", _("Sender not verified"), sentence)


def why_here(message: Message) -> str:
    """The rule that chose the ticket, as a sentence."""
    known: dict[str, Any] = message.origin or {}
    by, other = known.get("by", ""), known.get("ticket")
    if other:
        return {
            "follow_up": _("It continues #%(number)s, which is closed for long: so it opened this one.", number=other),
            "doubted": _("It points to #%(number)s (%(by)s), but its sender is not verified: so it opened this one.",
                         number=other, by=by),
        }.get(known.get("why", ""), _("It points to #%(number)s (%(by)s), but its sender takes no part there: "
                                      "so it opened this one.", number=other, by=by))  # fmt: skip
    return {
        "plus": _("It was sent to an address that only a receiver of our mail has, signed by us: %(by)s", by=by),
        "token": _("It answers a message of ours, which carries our signature: %(by)s", by=by),
        "in_reply_to": _("It answers a message of this ticket: %(by)s", by=by),
        "references": _("It names a message of this ticket among its references: %(by)s", by=by),
        "subject": _("Its subject names this ticket, %(by)s, and its sender takes part here.", by=by),
        "bounce": _("It claims that mail to %(by)s came back, and this ticket wrote there last; it proves nothing.", by=by),
        "new": _("It points to no ticket that we know, so it opened this one."),
    }.get(known.get("rule", ""), _("It was stored before Temas kept the reason."))


def folded_away(message: Message) -> str:
    """What the conversation folds, in lines; empty when it shows everything."""
    known: dict[str, Any] = message.origin or {}
    folded, signature = known.get("folded", 0), known.get("signature", 0)
    if not folded:
        return ""
    lines = ngettext("%(num)s line of quoted text or signature", "%(num)s lines of quoted text or signature", folded)
    return lines + (" " + ngettext("(%(num)s of a signature)", "(%(num)s of a signature)", signature) if signature else "")


def _linked(entry: Entry) -> Line:
    number = Markup('<a class="link" href="{}" data-turbo-frame="_top">#{}</a>').format(
        url_for("tickets.ticket", number=entry.data["ticket"]), entry.data["ticket"]
    )
    after = entry.data.get("way") == "after"
    if entry.data.get("why") == "follow_up":
        sentence = (
            _("The customer wrote again long after: %(ticket)s continues this") if after else _("This continues %(ticket)s")
        )
    elif entry.data.get("why") == "doubted":
        sentence = _("A mail whose sender is not verified pointed here; it opened %(ticket)s") if after else _(
            "This mail points to %(ticket)s, but its sender is not verified")  # fmt: skip
    else:
        sentence = _("Somebody who takes no part here answered; that opened %(ticket)s") if after else _(
            "This mail points to %(ticket)s, in which its sender takes no part")  # fmt: skip
    return Line("link", Markup(sentence) % {"ticket": number})  # noqa: S704  # Markup's % escapes what it fills in


def _offer(entry: Entry) -> Line:
    """In one line, where there is no room for its buttons."""
    data = {name: Markup("<b>{}</b>").format(entry.data.get(name)) for name in ("name", "address", "forwarder")}
    if entry.data.get("about") == "forward":
        sentence = _("%(forwarder)s forwarded a mail from %(name)s, %(address)s")
    else:
        sentence = _("%(address)s answered our mail to %(name)s: this may be a second address.")
    return Line("user", Markup(sentence) % data)  # noqa: S704  # Markup's % escapes what it fills in


def _answer(entry: Entry) -> Line:
    data, forward = entry.data, entry.data.get("about") == "forward"
    if data.get("to") == "open":
        sentence = _("%(who)s took the decision on %(address)s back")
    elif data.get("to") == "accepted":
        sentence = (
            _("%(who)s gave the ticket to %(name)s, %(address)s") if forward else _("%(who)s added %(address)s to %(name)s")
        )
    else:
        sentence = (
            _("%(who)s left the ticket with who forwarded it")
            if forward
            else _("%(who)s keeps %(address)s apart from %(name)s")
        )
    strong = {"who": entry.actor_name, "name": data.get("name"), "address": data.get("address")}
    filled = {name: Markup("<b>{}</b>").format(value) for name, value in strong.items()}
    return Line("user", Markup(sentence) % filled)  # noqa: S704  # Markup's % escapes what it fills in
