"""Tables of canned replies: what it is called, what it says in each language, and the files that go with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.agents.sharing import Shared, one_owner
from helpdesk.extensions import Model
from helpdesk.tickets.models import Attachment


class CannedReply(Shared, Model):
    """A reply that was written once, to be sent often. Found by name, folder, shortcut and words."""

    __tablename__ = "canned_replies"
    __table_args__ = (one_owner(),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    folder: Mapped[str] = mapped_column(server_default="")
    shortcut: Mapped[str] = mapped_column(server_default="")
    search_text: Mapped[str] = mapped_column(Text, server_default="", deferred=True)
    """Words of everything that it can be found by (helpdesk.folding.words)."""
    uses: Mapped[int] = mapped_column(server_default="0")
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    texts: Mapped[list[CannedText]] = relationship(
        order_by="CannedText.language", cascade="all, delete-orphan", passive_deletes=True
    )
    files: Mapped[list[CannedFile]] = relationship(
        order_by="CannedFile.position", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def html(self) -> dict[str, str]:
        """What it says, by language."""
        return {text.language: text.html for text in self.texts}

    @property
    def attachments(self) -> list[Attachment]:
        return [file.attachment for file in self.files]


class CannedText(Model):
    """What a canned reply says in one language, with its variables (helpdesk.canned.variables)."""

    __tablename__ = "canned_texts"

    canned_reply_id: Mapped[int] = mapped_column(ForeignKey("canned_replies.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    html: Mapped[str] = mapped_column(Text)


class CannedFile(Model):
    """A file that goes with a canned reply; each use copies it, so that the message has a file of its own."""

    __tablename__ = "canned_files"

    canned_reply_id: Mapped[int] = mapped_column(ForeignKey("canned_replies.id", ondelete="CASCADE"), primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"), primary_key=True)
    position: Mapped[int] = mapped_column(server_default="0")

    attachment: Mapped[Attachment] = relationship()
