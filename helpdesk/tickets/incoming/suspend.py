"""Setting a message aside: its ledger row is done, and a person decides what becomes of it."""

from __future__ import annotations

from channels.messages import IncomingMessage
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming.screening import Reason
from helpdesk.tickets.incoming.suspended_models import Suspension
from helpdesk.tickets.incoming.thread import Sender

PREVIEW_CHARS = 1_000


def suspend(inbox: Inbox, received_id: int, message: IncomingMessage, sender: Sender, reason: Reason) -> None:
    """Add a suspension within the caller's transaction; of a blocked sender it is decided already."""
    blocked = reason == "blocked"
    db.session.add(
        Suspension(
            received_id=received_id,
            inbox_id=inbox.id,
            reason=reason,
            sender=sender.address,
            sender_name=sender.name,
            subject=one_line(message.subject, 500),
            preview=storable(message.visible_text or message.text, PREVIEW_CHARS),
            server=storable(message.verdict.server, 255),
            findings=storable(", ".join("=".join(one) for one in message.verdict.methods), 500),
            created_at=clock.now(),
            decision="rejected" if blocked else None,
            decided_at=clock.now() if blocked else None,
        )
    )
