"""Verbs that write canned replies. Each commits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select, update

from channels.html.text import html_to_text
from helpdesk import clock, written_html
from helpdesk.agents import sharing
from helpdesk.agents.actions import commit
from helpdesk.agents.models import Agent
from helpdesk.canned import queries, variables
from helpdesk.canned.models import CannedFile, CannedReply, CannedText
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable, words
from helpdesk.tickets.models import Attachment

MOST_CHARS = 100_000  # of one language's HTML
MOST_FILES = 20
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SHORTCUT = re.compile(r"[\w-]{1,30}")


@dataclass(frozen=True, slots=True)
class Form:
    """What a canned reply shall be. ``texts``: HTML by language; ``files``: ids of its files and of the agent's uploads."""

    name: str
    texts: Mapping[str, str]
    visibility: str = "private"
    team_id: int | None = None
    folder: str = ""
    shortcut: str = ""
    files: Sequence[int] = field(default_factory=tuple)


def add(agent: Agent, form: Form) -> CannedReply:
    """Make a canned reply. Raises Invalid naming the fields that are wrong, Forbidden for what only leads may share."""
    canned = CannedReply()
    _set(agent, canned, form)
    db.session.add(canned)
    db.session.commit()
    return canned


def change(agent: Agent, canned_id: int, form: Form) -> CannedReply:
    """Change all of a canned reply. Raises NotFound, Forbidden, Invalid."""
    canned = queries.get(agent, canned_id)
    sharing.refuse_foreign(agent, canned)
    _set(agent, canned, form)
    db.session.commit()
    return canned


def delete(agent: Agent, canned_id: int) -> None:
    """Delete a canned reply; what was sent with it stays. Raises NotFound, Forbidden, Conflict while a macro uses it."""
    canned = queries.get(agent, canned_id)
    sharing.refuse_foreign(agent, canned)
    _let_go(canned.attachments)
    db.session.delete(canned)
    commit(_("A macro answers with this canned reply: change the macro first."))


def form_of(canned: CannedReply) -> Form:
    """The canned reply as it is, as a form to change."""
    files = [file.attachment_id for file in canned.files]
    return Form(canned.name, canned.html, canned.visibility, canned.team_id, canned.folder, canned.shortcut, files)


def count_use(canned_id: int) -> None:
    """Note one more use, in the caller's transaction."""
    statement = update(CannedReply).where(CannedReply.id == canned_id)
    db.session.execute(statement.values(uses=CannedReply.uses + 1, used_at=clock.now()))


def copy_files(agent: Agent, canned: CannedReply) -> list[Attachment]:
    """The reply's files as fresh uploads of the agent, in the caller's transaction: they have their ids."""
    copies = [
        Attachment(agent_id=agent.id, filename=file.filename, content_type=file.content_type, size=file.size,
                   sha256=file.sha256, created_at=clock.now())
        for file in canned.attachments
    ]  # fmt: skip
    db.session.add_all(copies)
    db.session.flush()
    return copies


def _set(agent: Agent, canned: CannedReply, form: Form) -> None:
    texts = {language: _clean(html) for language, html in form.texts.items()}
    texts = {language: html for language, html in texts.items() if html_to_text(html).strip() or "<img" in html}
    if errors := _errors(form, texts):
        raise Invalid(_("This canned reply cannot be saved yet."), errors=errors)
    sharing.share(agent, canned, form.visibility, form.team_id)
    files = _files(agent, canned, form.files)
    canned.name, canned.folder = one_line(form.name, 200), one_line(form.folder, 100)
    canned.shortcut = form.shortcut.strip().lstrip(";/").lower()
    known = {text.language: text for text in canned.texts}
    for language, html in texts.items():
        known.setdefault(language, CannedText(language=language)).html = html
    canned.texts = [known[language] for language in sorted(texts)]
    _let_go([file for file in canned.attachments if file not in files])
    linked = {file.attachment_id: file for file in canned.files}
    canned.files = [linked.get(file.id) or CannedFile(attachment=file) for file in files]
    for position, link in enumerate(canned.files):
        link.position, link.attachment.kept = position, True
    said = " ".join(html_to_text(html) for html in texts.values())
    canned.search_text = words(f"{canned.name} {canned.shortcut} {canned.folder} {said}")[:MOST_CHARS]
    canned.updated_at = clock.now()


def _clean(html: str) -> str:
    return written_html.clean_written(storable(html)).strip()


def _errors(form: Form, texts: Mapping[str, str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not one_line(form.name, 200):
        errors["name"] = [_("Write a name.")]
    shortcut = form.shortcut.strip().lstrip(";/")
    if shortcut and not _SHORTCUT.fullmatch(shortcut):
        errors["shortcut"] = [_("A shortcut is one word of letters, digits and hyphens.")]
    if not texts:
        errors["texts"] = [_("Write what it says, in one language at least.")]
    for language, html in texts.items():
        if not _LANGUAGE.fullmatch(language):
            errors["texts"] = [_("There is no such language.")]
        wrong = variables.problems(html)
        if len(html) > MOST_CHARS:
            wrong = [_("A canned reply can have %(most)s characters.", most=MOST_CHARS)]
        if wrong:
            errors[f"texts.{language}"] = wrong
    return errors


def _files(agent: Agent, canned: CannedReply, ids: Sequence[int]) -> list[Attachment]:
    """Files that it has already, and uploads of the agent that nothing else has."""
    own = {file.id: file for file in canned.attachments}
    free = select(Attachment).where(
        Attachment.id.in_([one for one in ids if one not in own]),
        Attachment.agent_id == agent.id,
        Attachment.message_id.is_(None),
        Attachment.kept.is_(False),
    )
    found = own | {file.id: file for file in db.session.scalars(free)}
    if len(ids) > MOST_FILES or any(one not in found for one in ids):
        raise Invalid(_("A file is gone: attach it again."), errors={"files": [_("Attach the file again.")]})
    return [found[one] for one in dict.fromkeys(ids)]


def _let_go(files: Sequence[Attachment]) -> None:
    """Files that nothing needs any more are cleaned up like unused uploads."""
    for file in files:
        file.kept = False
