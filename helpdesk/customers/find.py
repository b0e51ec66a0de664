"""Finding the customer behind an address, or making him."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from helpdesk.customers.models import Customer, Identity
from helpdesk.extensions import db
from helpdesk.folding import fold


def known(channel: str, addresses: Iterable[str]) -> dict[str, Identity]:
    """The identities that these addresses already have, with their customers, by address.

    They stay with these customers until the transaction ends: a merge waits for it.
    """
    rows = db.session.scalars(
        select(Identity)
        .options(joinedload(Identity.customer, innerjoin=True))
        .where(Identity.channel == channel, Identity.address.in_(set(addresses)))
        .with_for_update(read=True, key_share=True, of=Identity)
    )
    return {identity.address: identity for identity in rows}


def find_or_make(channel: str, people: Mapping[str, tuple[str, str | None]]) -> dict[str, Identity]:
    """The identity of each address, making customers for the unknown. ``people``: address → (name, language).

    Addresses are in the channel's normal form. Two processes that meet a new address at once agree on one customer.
    """
    found = known(channel, people)
    missing = sorted(set(people) - set(found))
    if missing:
        _make(channel, {address: people[address] for address in missing})
        found |= known(channel, missing)
    return found


def _make(channel: str, people: Mapping[str, tuple[str, str | None]]) -> None:
    customers = [
        Customer(name=name, language=language, search_text=fold(f"{name} {address}"))
        for address, (name, language) in people.items()
    ]
    db.session.add_all(customers)
    db.session.flush()
    rows = [
        {"customer_id": customer.id, "channel": channel, "address": address, "name": customer.name}
        for customer, address in zip(customers, people, strict=True)
    ]
    statement = insert(Identity).on_conflict_do_nothing(index_elements=["channel", "address"])
    made = set(db.session.scalars(statement.returning(Identity.customer_id), rows))
    for customer in customers:
        if customer.id not in made:  # another process was first with this address
            db.session.delete(customer)
