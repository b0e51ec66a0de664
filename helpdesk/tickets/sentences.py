"""What a timeline says: events, deliveries, deadlines and views in words, in the reader's language, for every reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup

from helpdesk.tickets.models import Delivery, Entry, Message

STATUS = {
    "new": lazy_gettext("New"),
    "open": lazy_gettext("Open"),
    "pending": lazy_gettext("Pending"),
    "on_hold": lazy_gettext("On hold"),
    "solved": lazy_gettext("Solved"),
    "closed": lazy_gettext("Closed"),
}
PRIORITY = {
    "low": lazy_gettext("Low"),
    "normal": lazy_gettext("Normal"),
    "high": lazy_gettext("High"),
    "urgent": lazy_gettext("Urgent"),
}
VIEWS = {
    "open": lazy_gettext("Open"),
    "unassigned": lazy_gettext("Unassigned"),
    "mine": lazy_gettext("Mine"),
    "late": lazy_gettext("Late"),
    "closed": lazy_gettext("Closed"),
}
DEADLINES = {
    "first_response": lazy_gettext("First reply"),
    "next_response": lazy_gettext("Next reply"),
    "resolution": lazy_gettext("Resolution"),
}
PROBLEMS = {
    "dns": lazy_gettext("the mail server's name was not found"),
    "unreachable": lazy_gettext("the server could not be reached"),
    "timeout": lazy_gettext("the server did not answer in time"),
    "tls": lazy_gettext("the server's certificate could not be trusted"),
    "login": lazy_gettext("the server refused the inbox's password"),
    "token": lazy_gettext("the server refused the inbox's token"),
    "consent": lazy_gettext("the inbox's owner must consent again"),
    "recipient": lazy_gettext("the address was refused"),
    "sender": lazy_gettext("our own address may not send"),
    "too_large": lazy_gettext("the message is too large"),
    "full": lazy_gettext("the recipient's mailbox is full"),
    "quota": lazy_gettext("the provider's sending limit is reached"),
    "policy": lazy_gettext("the recipient's server took it for unwanted mail"),
    "busy": lazy_gettext("the server was busy too long"),
    "settings": lazy_gettext("a setting of the inbox is wrong"),
}


@dataclass(frozen=True, slots=True)
class Line:
    icon: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Foot:
    icon: str
    text: str
    quiet: bool = False  # nothing to be proud of yet


def install(app: Flask) -> None:
    """Give templates the functions below."""
    app.jinja_env.globals.update(
        event_line=event_line,
        delivery_line=delivery_line,
        delivery_problem=delivery_problem,
        deadline_name=lambda kind: DEADLINES.get(kind or "", _("Deadline")),
        view_label=lambda name: VIEWS.get(name, name),
        view_empty=view_empty,
    )


def event_line(entry: Entry) -> Line:
    """The icon and the sentence of an event; what is not known is shown by its kind rather than hidden."""
    sentence = EVENTS.get(entry.kind)
    if sentence is None:
        return Line("clock", _filled(entry, entry.kind.replace("_", " ")))
    return sentence(entry)


def _filled(entry: Entry, template: str, **values: object) -> Markup:
    who = Markup("<b>{}</b>").format(entry.actor_name or "Temas")
    strong = {name: Markup("<b>{}</b>").format(value) for name, value in values.items()}
    return Markup(template) % {"who": who, **strong}  # noqa: S704  # Markup's % escapes what it fills in


def _status(entry: Entry) -> Line:
    before, after = entry.data.get("from"), str(entry.data.get("to"))
    if entry.data.get("undo"):
        return Line("undo", _filled(entry, _("%(who)s took the reply back")))
    if after in ("solved", "closed"):
        sentence = _("%(who)s closed the ticket") if after == "closed" else _("%(who)s solved the ticket")
        return Line("close", _filled(entry, sentence))
    if before in ("solved", "closed"):
        return Line("retry", _filled(entry, _("%(who)s reopened the ticket")))
    return Line("swap", _filled(entry, _("%(who)s set the status to %(status)s"), status=STATUS.get(after, after)))


def _priority(entry: Entry) -> Line:
    after = str(entry.data.get("to"))
    return Line("flag", _filled(entry, _("%(who)s set the priority to %(name)s"), name=PRIORITY.get(after, after)))


def _assignee(entry: Entry) -> Line:
    after = entry.data.get("to")
    if not after:
        return Line("user", _filled(entry, _("%(who)s unassigned the ticket")))
    if after == entry.actor_name:
        return Line("mine", _filled(entry, _("%(who)s took the ticket")))
    return Line("mine", _filled(entry, _("%(who)s assigned the ticket to %(name)s"), name=after))


def _team(entry: Entry) -> Line:
    after = entry.data.get("to")
    if not after:
        return Line("people", _filled(entry, _("%(who)s took the ticket out of its team")))
    return Line("people", _filled(entry, _("%(who)s handed the ticket to team %(name)s"), name=after))


def _tags(entry: Entry) -> Line:
    added, removed = entry.data.get("added") or [], entry.data.get("removed") or []
    if added and removed:
        sentence = _("%(who)s added the tags %(added)s and removed %(removed)s")
    else:
        sentence = _("%(who)s added the tags %(added)s") if added else _("%(who)s removed the tags %(removed)s")
    return Line("tag", _filled(entry, sentence, added=", ".join(added), removed=", ".join(removed)))


def _subject(entry: Entry) -> Line:
    return Line("note", _filled(entry, _("%(who)s changed the subject; it was: %(before)s"), before=entry.data.get("from")))


def _delivery(entry: Entry) -> Line:
    data = entry.data
    unknown = _("Whether the message reached %(recipient)s is not known: %(reason)s")
    sentence = unknown if entry.kind == "delivery_unknown" else _("The message to %(recipient)s did not go out: %(reason)s")
    reason = _reason(str(data.get("code", "")), str(data.get("detail", "")))
    return Line("alert", _filled(entry, sentence, recipient=data.get("recipient"), reason=reason))


def _delayed(entry: Entry) -> Line:
    sentence = _("The message to %(recipient)s is delayed; the server goes on trying (%(status)s)")
    return Line("clock", _filled(entry, sentence, recipient=entry.data.get("recipient"), status=entry.data.get("detail")))


def _unproven(entry: Entry) -> Line:
    if not entry.data.get("recipient"):
        return Line("alert", _filled(entry, _("A report on some mail names no message of ours: it changed nothing")))
    sentence = _("A report on mail to %(recipient)s names no message of ours: it changed nothing")
    return Line("alert", _filled(entry, sentence, recipient=entry.data["recipient"]))


def _macro(entry: Entry) -> Line:
    return Line("bolt", _filled(entry, _("%(who)s ran the macro %(name)s"), name=entry.data.get("name")))


def _stopped(entry: Entry) -> Line:
    reason = entry.data.get("reason") or _("somebody answered first")
    return Line("pause", _filled(entry, _("The scheduled reply was not sent: %(reason)s"), reason=reason))


EVENTS: dict[str, Callable[[Entry], Line]] = {
    "status": _status,
    "priority": _priority,
    "assignee": _assignee,
    "team": _team,
    "tags": _tags,
    "subject": _subject,
    "macro": _macro,
    "scheduled_stopped": _stopped,
    "delivery_failed": _delivery,
    "delivery_unknown": _delivery,
    "delivery_delayed": _delayed,
    "bounce_unproven": _unproven,
}


def delivery_problem(delivery: Delivery) -> str:
    """Why a message did not go, with the server's own words."""
    reason = _reason(delivery.code, delivery.detail)
    if delivery.status == "unknown":
        return _("Sent to %(recipient)s or not: %(reason)s", recipient=delivery.recipient, reason=reason)
    return _("Not sent to %(recipient)s: %(reason)s", recipient=delivery.recipient, reason=reason)


def delivery_line(message: Message) -> Foot | None:
    """How the sending of a message stands as a whole; None when every recipient has a problem of his own."""
    states = {delivery.status for delivery in message.deliveries} - {"failed", "unknown"}
    if not states:
        return None
    if states == {"cancelled"}:
        return Foot("undo", _("Taken back before it was sent"), quiet=True)
    if states & {"queued", "sending"}:
        return _on_its_way(message)
    if states <= {"read"}:
        return Foot("checks", _("Read"))
    return Foot("checks", _("Delivered")) if states <= {"delivered", "read"} else Foot("check", _("Sent"))


def _on_its_way(message: Message) -> Foot:
    waiting = next((one for one in message.deliveries if one.status == "queued" and one.code), None)
    if waiting is None:
        return Foot("clock", _("On its way"), quiet=True)
    return Foot("clock", _("Waiting: %(reason)s", reason=_reason(waiting.code, waiting.detail)), quiet=True)


def _reason(code: str, detail: str) -> str:
    words = str(PROBLEMS[code]) if code in PROBLEMS else _("the server refused it")
    return f"{words} ({detail})" if detail else words


def view_empty(name: str) -> tuple[str, str]:
    """Title and sentence for a view without tickets."""
    return {
        "unassigned": (_("Nothing is waiting"), _("Every ticket has somebody. New ones appear here by themselves.")),
        "mine": (_("Nothing is yours"), _("Take the next ticket, or have one assigned to you.")),
        "late": (_("Nothing is late"), _("Every deadline is being kept.")),
        "closed": (_("Nothing was closed yet"), _("Closed and solved tickets are kept here.")),
    }.get(name, (_("Nothing is waiting"), _("All tickets are answered. New ones appear here by themselves.")))
