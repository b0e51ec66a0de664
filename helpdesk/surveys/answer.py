"""Answering a survey: one score, a comment if wanted, both changeable for a day. An answer is one entry, kept up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk import clock, live, settings
from helpdesk.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.folding import storable
from helpdesk.surveys import tokens
from helpdesk.surveys.models import Invitation
from helpdesk.surveys.scores import HIGHEST, LOWEST
from helpdesk.tickets.merging import families
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.timeline import by_customer, changed, record

COMMENT_CHARS = 1000
CHANGEABLE = timedelta(hours=24)


class Expired(HelpdeskError):
    """The invitation was valid, but its time is over."""

    status = 410
    code = "gone"


def find(token: str) -> Invitation:
    """The invitation of this link. Raises NotFound for a forged or withdrawn one, Expired after its time."""
    number = tokens.invitation_of(token)
    statement = select(Invitation).options(joinedload(Invitation.ticket), joinedload(Invitation.customer))
    invitation = db.session.scalar(statement.where(Invitation.id == number)) if number is not None else None
    if invitation is None:
        raise NotFound(_("This link does not lead to a survey, or the survey was withdrawn."))
    if clock.now() > invitation.created_at + timedelta(days=settings.current().survey_valid_days):
        raise Expired(_("This survey is over."))
    return invitation


def is_changeable(invitation: Invitation) -> bool:
    """Whether the answer may still be given or changed."""
    return invitation.answered_at is None or clock.now() <= invitation.answered_at + CHANGEABLE


def score(token: str, value: int) -> Invitation:
    """Give or change the score, and commit. Raises Invalid off the scale, Conflict a day after the first answer."""
    if not LOWEST <= value <= HIGHEST:
        raise Invalid(_("Choose one of the five."), errors={"score": [_("Choose one of the five.")]})
    invitation, ticket = _locked(token)
    invitation.score = value
    if invitation.answered_at is None:
        invitation.answered_at = clock.now()
        entry = record(ticket, "survey_answered", by_customer(invitation.customer), data=_data(invitation))
        entry.came_from_id = invitation.ticket_id if invitation.ticket_id != ticket.id else None
    else:
        _refresh(invitation, ticket)
    db.session.commit()
    return invitation


def comment(token: str, text: str) -> Invitation:
    """Add or change the comment of an answer, and commit. Raises Conflict before the score or a day after it."""
    invitation, ticket = _locked(token)
    if invitation.answered_at is None:
        raise Conflict(_("Choose a score first."))
    invitation.comment = storable(text.replace("\r\n", "\n").strip(), COMMENT_CHARS)
    _refresh(invitation, ticket)
    db.session.commit()
    return invitation


def _locked(token: str) -> tuple[Invitation, Ticket]:
    """Lock the ticket, or the one that took it over, and then the invitation: the order in which reactions lock them."""
    found = find(token)
    ticket_id = families.living(found.ticket_id)
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    invitation = db.session.get(Invitation, found.id, with_for_update={"of": Invitation}, populate_existing=True)
    if invitation is None:
        raise NotFound(_("This link does not lead to a survey, or the survey was withdrawn."))
    if not is_changeable(invitation):
        raise Conflict(_("Your answer can no longer be changed. Thank you for it."))
    return invitation, ticket


def _refresh(invitation: Invitation, ticket: Ticket) -> None:
    """Bring the answer's entry up to date, and show it again."""
    entries = db.session.scalars(select(Entry).where(Entry.ticket_id == ticket.id, Entry.kind == "survey_answered"))
    for entry in entries:
        if entry.data.get("invitation") == invitation.id and entry.data != _data(invitation):
            entry.data = _data(invitation)
            live.entry_added(entry)
            changed(ticket)


def _data(invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation.id,
        "kind": invitation.survey.kind,
        "score": invitation.score,
        "comment": invitation.comment,
    }
