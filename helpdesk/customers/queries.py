"""Reads of customers. An agent sees a customer who has a ticket that he sees, or no ticket at all."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import selectinload

from channels import registry
from helpdesk import cursors
from helpdesk.agents.access import visible
from helpdesk.agents.models import Agent
from helpdesk.cursors import Page, Place
from helpdesk.customers.models import Customer, CustomerMerge, Identity
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.text_search import has_words, is_common

NEWEST_FIRST = "-created_at"


def get(agent: Agent, customer_id: int) -> Customer:
    """The customer with his identities, a merged one too. Raises NotFound for a stranger."""
    customer = db.session.get(Customer, customer_id, options=[selectinload(Customer.identities)])
    if customer is None or not _is_seen(agent, customer):
        raise NotFound(_("This customer does not exist, or is not yours to see."))
    return customer


def listed(
    agent: Agent, *, words: str = "", address: str = "", cursor: str | None = None, limit: int = 50
) -> Page[Customer]:
    """Customers that the agent sees, newest first, without merged ones. ``words``: of name, company or address."""
    statement = (
        select(Customer)
        .options(selectinload(Customer.identities))
        .where(Customer.merged_into_id.is_(None), visible_to(agent))
        .order_by(Customer.created_at.desc(), Customer.id.desc())
        .limit(limit + 1)
    )
    if words.strip():
        statement = statement.where(_named(words))
    if address:
        statement = statement.where(Customer.id.in_(_known_by(address.strip())))
    if (place := cursors.read(cursor, NEWEST_FIRST)) is not None:
        statement = statement.where(tuple_(Customer.created_at, Customer.id) < tuple_(place.at, place.id))
    rows = db.session.scalars(statement).all()
    return cursors.cut(rows, limit, NEWEST_FIRST, lambda customer: Place(customer.created_at, customer.id))


def _named(words: str) -> ColumnElement[bool]:
    """The customers with these words; when they are few, found by the index first, whatever the planner thinks."""
    criterion = has_words(Customer.search_text, words)
    if is_common(Customer.id, criterion):
        return criterion.is_(True)  # which no index answers: reading in order is faster
    found = select(Customer.id).where(criterion).cte("found").prefix_with("materialized")
    return Customer.id.in_(select(found.c.id))


def _known_by(address: str) -> Select[int]:
    """Whose address this is on any channel; the channels are named so that the unique index serves."""
    forms = {address, address.lower()}
    return select(Identity.customer_id).where(Identity.channel.in_(registry.kinds()), Identity.address.in_(forms))


def visible_to(agent: Agent) -> ColumnElement[bool]:
    """The criterion for customers that the agent sees."""
    if agent.is_admin:
        return true()
    ticket: Any = Customer.tickets.property.mapper.class_
    one_is_seen = select(func.bool_or(visible(agent, ticket.team_id))).where(ticket.customer_id == Customer.id)
    return func.coalesce(one_is_seen.correlate(Customer).scalar_subquery(), true())


def merge(agent: Agent, merge_id: int) -> CustomerMerge:
    """A merge of customers that the agent sees. Raises NotFound for a stranger."""
    found = db.session.get(CustomerMerge, merge_id)
    kept = db.session.get(Customer, found.kept_id) if found is not None else None
    if found is None or kept is None or not _is_seen(agent, kept):
        raise NotFound(_("This merge does not exist, or is not yours to see."))
    return found


def _is_seen(agent: Agent, customer: Customer) -> bool:
    """A merged customer has no tickets of his own any more: he is seen by who sees the one that took him over."""
    while customer.merged_into_id is not None:
        customer = db.session.get_one(Customer, customer.merged_into_id)
    return bool(db.session.scalar(select(visible_to(agent)).where(Customer.id == customer.id)))


def latest_merge(customer: Customer) -> CustomerMerge | None:
    """The newest merge into this customer that was not undone."""
    statement = select(CustomerMerge).where(CustomerMerge.kept_id == customer.id, CustomerMerge.undone_at.is_(None))
    return db.session.scalar(statement.order_by(CustomerMerge.id.desc()).limit(1))
