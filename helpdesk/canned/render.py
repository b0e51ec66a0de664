"""A canned reply as it would be sent on a ticket: in a language, with its variables filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from channels.html.text import html_to_text
from helpdesk import written_html
from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.canned import variables
from helpdesk.canned.models import CannedReply
from helpdesk.extensions import db
from helpdesk.tickets import queries
from helpdesk.tickets.models import Ticket

EXAMPLES = 20  # tickets to choose from for a preview


@dataclass(frozen=True, slots=True)
class Rendered:
    """``html`` and ``text`` are what the composer gets; ``problems`` is what its writer must know first."""

    language: str
    html: str
    text: str
    problems: list[str]


def render(agent: Agent, canned: CannedReply, ticket: Ticket, language: str | None = None) -> Rendered:
    """Fill it in for this ticket; in the customer's language unless one is asked for that it has."""
    chosen = choose(canned.html, language, ticket)
    return filled(agent, ticket, canned.html[chosen], chosen)


def filled(agent: Agent, ticket: Ticket, html: str, language: str, *, marking: bool = False) -> Rendered:
    """This text filled in for this ticket. Cleaned once more: a value may stand where HTML has rules of its own."""
    result = variables.fill(html, variables.values_of(agent, ticket), marking=marking)
    clean = written_html.clean_written(result.html) if not marking else result.html
    return Rendered(language, clean, html_to_text(clean), [_empty(name) for name in result.missing])


def choose(texts: dict[str, str], asked: str | None, ticket: Ticket) -> str:
    """The language to use: the one asked for, the customer's, the inbox's, or the first that there is."""
    wanted = (asked, ticket.customer.language, ticket.inbox.language)
    return next((one for one in wanted if one in texts), next(iter(texts)))


def examples(agent: Agent) -> Sequence[Ticket]:
    """Tickets that the agent saw moving last, to try a text on."""
    newest = select(Ticket.id).where(visible(agent, Ticket.team_id)).order_by(Ticket.id.desc()).limit(EXAMPLES)
    return db.session.scalars(queries.whole().where(Ticket.id.in_(newest)).order_by(Ticket.id.desc())).unique().all()


def _empty(name: str) -> str:
    return _("“%(name)s” is empty on this ticket: give it a fallback.", name=name)
