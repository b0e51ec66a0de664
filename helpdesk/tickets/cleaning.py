"""Removing what is no longer of use."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, exists, select

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.tickets.models import Attachment, Blob

UPLOADS_KEPT = timedelta(days=7)


def clean_up() -> None:
    """Delete uploads that never became part of a message, and bytes that no attachment has."""
    before = clock.now() - UPLOADS_KEPT
    unused = (Attachment.message_id.is_(None), Attachment.kept.is_(False), Attachment.created_at < before)
    db.session.execute(delete(Attachment).where(*unused))
    used = exists(select(Attachment.id).where(Attachment.sha256 == Blob.sha256))
    db.session.execute(delete(Blob).where(Blob.created_at < before, ~used))
    db.session.commit()
