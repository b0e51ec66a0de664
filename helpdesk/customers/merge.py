"""Two customers who are one person become one, and two again when it was a mistake.

Whatever table refers to customers is moved: found in the schema, so that a new table cannot be forgotten.
Locks are taken in the order in which arriving messages take them: identities, tickets, customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Column, ColumnElement, Table, or_, select

from helpdesk import clock, live
from helpdesk.agents.models import Agent
from helpdesk.customers import queries
from helpdesk.customers.actions import index
from helpdesk.customers.models import Customer, CustomerMerge, Identity
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.undoable import hand_over, owned_by, set_all, take_back

FILLED = ("name", "company", "language", "time_zone")
UNITED = ("attributes", "preferences")
OWN = frozenset({Customer.__tablename__, CustomerMerge.__tablename__})


def merge(agent: Agent, kept_id: int, merged_id: int) -> CustomerMerge:
    """Move everything of one customer to the other, fill what the other lacks, and commit.

    Raises NotFound, Invalid for the same one twice, Conflict when one of them was merged already.
    """
    if kept_id == merged_id:
        sentence = _("A customer cannot be merged into himself.")
        raise Invalid(sentence, errors={"customer": [sentence]})
    for customer_id in (kept_id, merged_id):
        queries.get(agent, customer_id)
    kept, merged = _locked(kept_id, merged_id)
    if kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise Conflict(_("One of these customers was merged already."))
    rows = {column.table.name: hand_over(column, column == merged_id, kept_id) for column in _references()}
    moved = {"rows": rows, "kept": _fill(kept, merged)}
    merged.merged_into_id = kept_id
    made = CustomerMerge(kept_id=kept_id, merged_id=merged_id, agent_id=agent.id, moved=moved, created_at=clock.now())
    db.session.add(made)
    _finish(kept, merged, rows)
    return made


def undo(agent: Agent, merge_id: int) -> CustomerMerge:
    """Give back what the merge moved, and commit. What either got since stays with whom it belongs to now.

    Raises NotFound, Conflict when it is undone already or the kept customer was merged into another one meanwhile.
    """
    found = queries.merge(agent, merge_id)
    kept, merged = _locked(found.kept_id, found.merged_id)
    db.session.refresh(found, with_for_update=True)
    if found.undone_at is not None:
        raise Conflict(_("This merge is undone already."))
    if kept.merged_into_id is not None:
        raise Conflict(_("The customer was merged into another one afterwards: undo that first."))
    rows: dict[str, list[int]] = found.moved["rows"]
    tickets = rows.get(_tickets().name, [])
    for column in _references():
        hand_over(column, _given_back(column, kept.id, rows.get(column.table.name, []), tickets), merged.id)
    take_back(kept, found.moved["kept"])
    merged.merged_into_id = None
    found.undone_at = clock.now()
    _finish(kept, merged, rows)
    return found


def _locked(kept_id: int, merged_id: int) -> tuple[Customer, Customer]:
    both = (kept_id, merged_id)
    for table in (Identity.__table__, _tickets()):
        db.session.execute(select(table.c.id).where(table.c.customer_id.in_(both)).order_by(table.c.id).with_for_update())
    statement = select(Customer).where(Customer.id.in_(both)).order_by(Customer.id).with_for_update()
    found = {row.id: row for row in db.session.scalars(statement.execution_options(populate_existing=True))}
    return found[kept_id], found[merged_id]


def _tickets() -> Table:
    table: Table = Customer.tickets.property.target
    return table


def _references() -> list[Column[Any]]:
    """Each column that says whose a row is."""
    return list(owned_by(Customer.__tablename__, but=OWN))


def _given_back(column: Column[Any], kept_id: int, ids: Sequence[int], tickets: Sequence[int]) -> ColumnElement[bool]:
    """The rows that were moved and are still there, and what was added to the moved tickets since."""
    table = column.table
    since = table.c.ticket_id.in_(tickets) if "ticket_id" in table.c else table.c.id.in_(())
    return (column == kept_id) & or_(table.c.id.in_(ids), since)


def _fill(kept: Customer, merged: Customer) -> dict[str, Any]:
    """Give the kept customer what he lacks; returns field → [before, after] of what changed."""
    wanted: dict[str, Any] = {name: getattr(kept, name) or getattr(merged, name) for name in FILLED}
    wanted |= {name: {**getattr(merged, name), **getattr(kept, name)} for name in UNITED}
    return set_all(kept, wanted)


def _finish(kept: Customer, merged: Customer, rows: dict[str, list[int]]) -> None:
    db.session.flush()
    for customer in (kept, merged):
        db.session.expire(customer, ["identities"])
        index(customer)
        customer.updated_at = clock.now()
    for ticket_id in rows.get(_tickets().name, []):
        live.ticket_changed(SimpleNamespace(id=ticket_id))
    db.session.commit()
