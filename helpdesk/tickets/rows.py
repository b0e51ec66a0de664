"""Rows of the queues as HTML, kept for as long as their ticket does not change: many agents look at the same ones."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template
from markupsafe import Markup
from sqlalchemy import ARRAY, BigInteger, Executable, bindparam, func, literal_column, select

from helpdesk.agents.models import Agent
from helpdesk.customers.models import Customer, Identity
from helpdesk.extensions import db
from helpdesk.kept import Kept
from helpdesk.tickets import queues
from helpdesk.tickets.models import Ticket

_rows = Kept(2_000)  # about two kilobytes each


def rows_of(ids: Sequence[int]) -> list[Markup]:
    """The rows of these tickets in the reader's language, in this order; equal for all who may see them."""
    found = {row.id: tuple(row) for row in db.session.execute(_STAMPS, {"ids": list(ids)})}
    keys = {number: found[number] for number in ids if number in found}
    return _rows.ordered(keys, queues.load, lambda ticket: render_template("tickets/_row.html", ticket=ticket))


_address = (
    select(Identity.address).where(Identity.customer_id == Customer.id).order_by(Identity.id).limit(1).scalar_subquery()
)
_STAMPS: Executable = (
    select(
        Ticket.id,
        literal_column("tickets.xmin::text"),
        func.coalesce(func.nullif(Customer.name, ""), _address),
        Agent.name,
    )
    .join(Customer, Customer.id == Ticket.customer_id)
    .outerjoin(Agent, Agent.id == Ticket.assignee_id)
    .where(Ticket.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
)
"""What a row's HTML depends on: the ticket's own row (PostgreSQL gives it a new ``xmin`` with each change), and names."""
