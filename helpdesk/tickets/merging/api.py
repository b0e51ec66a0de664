"""`/api/v1/tickets/{number}/merge`, `…/split`, `…/links`, and taking each back."""

from __future__ import annotations

from typing import Any

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.api.values import Listed
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.tickets.api import NUMBER
from helpdesk.tickets.merging import links, merge, split, unmerge
from helpdesk.tickets.merging.links import Linked
from helpdesk.tickets.merging.models import TicketMerge, TicketSplit
from helpdesk.tickets.merging.shapes_api import LinkRequest, SplitRequest, TicketLinkPage, TicketMergeRequest
from helpdesk.tickets.merging.shapes_api import TicketLink as LinkShape
from helpdesk.tickets.merging.shapes_api import TicketMerge as MergeShape
from helpdesk.tickets.merging.shapes_api import TicketSplit as SplitShape

endpoints = Endpoints("ticket_merges", "Tickets that become one, are split, or belong together")
ID = f"<int(max={LARGEST_ID})"


@endpoints.post(f"/tickets/{NUMBER}/merge", MergeShape, body=TicketMergeRequest)
def merge_tickets(body: dict[str, Any], number: int) -> TicketMerge:
    """Merge a ticket into another one

    Everything said on it is read and answered there; it is closed, and `merged_into` names the other. 409 when one of
    them is merged already. Of two customers neither hears of the other by it.
    """
    return merge.merge(acting(), number, body["into"])


@endpoints.post(f"/ticket-merges/{ID}:merge_id>/undo", MergeShape)
def undo_ticket_merge(merge_id: int) -> TicketMerge:
    """Undo a merge of tickets

    Both are what they were before. What came in through the merged one's mails since goes to it; what was written on the
    other one stays there. 409 when it is undone already, or the other one was merged meanwhile.
    """
    return unmerge.undo(acting(), merge_id)


@endpoints.post(f"/tickets/{NUMBER}/split", SplitShape, body=SplitRequest)
def split_ticket(body: dict[str, Any], number: int) -> TicketSplit:
    """Split a message off into a new ticket

    With `following`, everything said after it too. Answers to what was moved find the new ticket.
    """
    return split.split(acting(), number, body["message"], following=body["following"], subject=body["subject"])


@endpoints.post(f"/ticket-splits/{ID}:split_id>/undo", SplitShape)
def undo_ticket_split(split_id: int) -> TicketSplit:
    """Undo a split

    The new ticket is merged into the one that it came from, with whatever was said on it since.
    """
    return split.undo(acting(), split_id)


@endpoints.get(f"/tickets/{NUMBER}/links", TicketLinkPage, query=Listed)
def list_links(query: dict[str, Any], number: int) -> Page[Linked]:
    """List the tickets that a ticket is linked to

    Those that the token's agent sees, newest link first.
    """
    return links.listed(acting(), number, cursor=query.get("cursor"), limit=query["limit"])


@endpoints.post(f"/tickets/{NUMBER}/links", LinkShape, body=LinkRequest)
def link_ticket(body: dict[str, Any], number: int) -> Linked:
    """Link a ticket to another one

    As its `parent`, its `child`, or `related`. 409 when they are linked already, or the child has another parent.
    """
    made = links.link(acting(), number, body["ticket"], body["way"])
    return links.seen_from(made, {number})


@endpoints.post(f"/ticket-links/{ID}:link_id>/undo", LinkShape)
def undo_link(link_id: int) -> Linked:
    """Remove a link"""
    return links.unlink(acting(), link_id)
