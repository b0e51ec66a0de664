"""The invitation as a mail: one question, five links, in the customer's language."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from helpdesk import settings
from helpdesk.i18n import LANGUAGES
from helpdesk.surveys import tokens
from helpdesk.surveys.models import Invitation
from helpdesk.surveys.scores import scores


@dataclass(frozen=True, slots=True)
class Written:
    """A mail's subject and its body twice."""

    subject: str
    text: str
    html: str


def write(invitation: Invitation) -> Written:
    """The mail of this invitation, its links signed."""
    ticket = invitation.ticket
    language = language_of(invitation)
    return render(
        language, f"{settings.current().public_url}/s/{tokens.make(invitation.id)}", sender=ticket.inbox.name,
        name=ticket.customer.name, subject=ticket.subject, number=ticket.id,
    )  # fmt: skip


def render(language: str, url: str, *, sender: str, name: str, subject: str, number: int) -> Written:
    """The mail in one language, with ``url`` behind each score."""
    context = {"url": url, "sender": sender, "name": name, "subject": subject, "number": number, "language": language}
    with force_locale(language):
        return Written(
            _("How was our support?") + f" [#{number}]",
            render_template("surveys/invitation.txt", scores=scores(), **context),
            render_template("surveys/invitation.html", scores=scores(), **context),
        )


def language_of(invitation: Invitation) -> str:
    """The customer's language, else the inbox's."""
    chosen = invitation.customer.language or invitation.ticket.inbox.language
    return chosen if chosen in LANGUAGES else "en"
