"""`/api/v1/tickets`."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from helpdesk.api.endpoints import Endpoints
from helpdesk.api.tokens import acting
from helpdesk.cursors import LARGEST_ID, Page
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.tickets import names_api as names
from helpdesk.tickets import queries, search
from helpdesk.tickets.change import change
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.open import Handling, Person, Said, open_ticket
from helpdesk.tickets.shapes_api import NewTicket, TicketChange, TicketPage, TicketQuery
from helpdesk.tickets.shapes_api import Ticket as TicketShape

endpoints = Endpoints("tickets", "Tickets")
NUMBER = f"<int(max={LARGEST_ID}):number>"


@endpoints.get("/tickets", TicketPage, query=TicketQuery)
def list_tickets(query: dict[str, Any]) -> Page[Ticket]:
    """List tickets

    Those that the token's agent sees, newest first.
    """
    agent = acting()
    words, cursor = query.get("q", ""), query.get("cursor")
    conditions = names.conditions(agent, query)
    return search.listed(agent, conditions, words=words, sort=query["sort"], cursor=cursor, limit=query["limit"])


@endpoints.post("/tickets", TicketShape, body=NewTicket)
def open_for_customer(body: dict[str, Any]) -> tuple[Ticket, int, dict[str, str]]:
    """Open a ticket on behalf of a customer

    What he said becomes its first message; from then on it is a ticket as any other.
    """
    agent = acting()
    team, assignee = names.team(body["team"]), names.colleague(agent, body["assignee"])
    ticket = open_ticket(
        agent,
        names.inbox(agent, body["inbox"]),
        _person(body["customer"]),
        Said(body["subject"], body["text"], body["html"]),
        Handling(team, assignee, body["priority"], body["tags"]),
    )
    return _shown(ticket.id), 201, {"Location": url_for("api_tickets.get_ticket", number=ticket.id)}


@endpoints.get(f"/tickets/{NUMBER}", TicketShape)
def get_ticket(number: int) -> Ticket:
    """Get a ticket"""
    return _shown(queries.get(acting(), number).id)


@endpoints.patch(f"/tickets/{NUMBER}", TicketShape, body=TicketChange)
def change_ticket(body: dict[str, Any], number: int) -> Ticket:
    """Change a ticket

    All of it or nothing. 409 when `version` is given and is not the ticket's any more.
    """
    agent = acting()
    version = body.pop("version", None)
    if (team := names.team(body.get("team"))) is not None:
        body["team"] = team.id
    if (assignee := names.colleague(agent, body.get("assignee"))) is not None:
        body["assignee"] = assignee.id
    change(agent, number, body, version=version)
    return _shown(number)


def _shown(number: int) -> Ticket:
    """The ticket with everything that its JSON has, also right after a change that took it out of the agent's sight."""
    statement = queries.whole().options(selectinload(Ticket.deadlines)).where(Ticket.id == number)
    return db.session.scalars(statement.execution_options(populate_existing=True)).unique().one()


def _person(who: dict[str, Any]) -> Person:
    if ("id" in who) == ("address" in who):
        sentence = _("Give either the customer's id or an address.")
        raise Invalid(sentence, errors={"customer": [sentence]})
    return Person(who.get("id"), who.get("address", ""), who["name"])
