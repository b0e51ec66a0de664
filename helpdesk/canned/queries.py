"""Reads of canned replies. Every one takes the acting agent and returns only what he may see."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, case, func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from helpdesk import cursors
from helpdesk.agents import sharing
from helpdesk.agents.models import Agent
from helpdesk.canned.models import CannedFile, CannedReply
from helpdesk.cursors import Page, Place
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.folding import fold, words

PICKED = 30
NEWEST_FIRST = "-created_at"


def get(agent: Agent, canned_id: int) -> CannedReply:
    """The canned reply. Raises NotFound for a stranger."""
    found = db.session.scalar(_whole(agent).where(CannedReply.id == canned_id))
    if found is None:
        raise NotFound(_("This canned reply does not exist, or is not yours to see."))
    return found


def all_of(agent: Agent) -> list[CannedReply]:
    """Every canned reply that the agent may use, by folder and name."""
    return list(db.session.scalars(_whole(agent).order_by(CannedReply.folder, func.lower(CannedReply.name))))


def search(agent: Agent, typed: str) -> list[CannedReply]:
    """Those that have all the words typed, or words that begin or go on so; the shortcut first, then the most used."""
    statement = _whole(agent)
    for word in words(typed).split()[:10]:
        statement = statement.where(CannedReply.search_text.contains(word, autoescape=True))
    folded = fold(typed).strip()
    rank = case(
        (func.lower(CannedReply.shortcut) == folded, 0),
        (CannedReply.search_text.startswith(words(typed), autoescape=True), 1),
        else_=2,
    )
    return list(db.session.scalars(statement.order_by(rank, CannedReply.uses.desc(), CannedReply.name).limit(PICKED)))


def listed(agent: Agent, *, typed: str = "", cursor: str | None = None, limit: int = 50) -> Page[CannedReply]:
    """A page of them, newest first. Raises Invalid for a cursor that is none."""
    statement = _whole(agent).order_by(CannedReply.created_at.desc(), CannedReply.id.desc())
    for word in words(typed).split()[:10]:
        statement = statement.where(CannedReply.search_text.contains(word, autoescape=True))
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(CannedReply.created_at, CannedReply.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement.limit(limit + 1)).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda found: Place(found.created_at, found.id))


def _whole(agent: Agent) -> Select[CannedReply]:
    return (
        select(CannedReply)
        .options(
            selectinload(CannedReply.texts),
            selectinload(CannedReply.files).joinedload(CannedFile.attachment),
            joinedload(CannedReply.team),
        )
        .where(sharing.seen_by(agent, CannedReply))
    )
