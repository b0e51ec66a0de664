"""The one way of what arrives: bounces are completed, third parties' answers taken out, the rest becomes tickets."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.inboxes.models import Inbox
from helpdesk.tickets.incoming import returned, side_receive
from helpdesk.tickets.incoming.place import Arrival, place


def arrive(inbox: Inbox, arrivals: Sequence[Arrival], *, vouched: bool = False) -> list[int]:
    """Write the arrivals in their order; returns the ledger rows that made no message. The caller commits.

    ``vouched``: a person has looked at them, so that none is suspended and their senders are believed.
    """
    others = side_receive.take(inbox, returned.completed(arrivals), vouched=vouched)
    return place(inbox, others, vouched=vouched)
