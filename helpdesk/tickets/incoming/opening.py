"""How a message opens a ticket, whichever way it went."""

from __future__ import annotations

from channels.messages import IncomingMessage
from helpdesk import clock
from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.folding import one_line, words
from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming.stored import SUBJECT_CHARS
from helpdesk.tickets.models import Status, Ticket

SEARCH_CHARS = 2_000


def opened(inbox: Inbox, identity: Identity, message: IncomingMessage, status: Status = "new") -> Ticket:
    """Add a new ticket of this customer to the session, with every value set, so that many are inserted at once."""
    ticket = Ticket(
        subject=one_line(message.subject, SUBJECT_CHARS),
        status=status,
        priority=2,
        channel=inbox.channel,
        inbox=inbox,
        customer=identity.customer,
        team_id=inbox.team_id,
        assignee_id=None,
        tags=[],
        automatic=message.automatic,
        doubted=False,
        version=0,
        created_at=clock.now(),
        search_text=searchable(message.subject, identity),
    )
    db.session.add(ticket)
    return ticket


def searchable(subject: str, identity: Identity) -> str:
    """The words by which a ticket of this identity is found."""
    return words(f"{subject} {identity.customer.name} {identity.address}")[:SEARCH_CHARS]
