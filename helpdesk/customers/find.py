"""Finding the customer behind an address, or making him."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from helpdesk.customers.models import Customer, Identity
from helpdesk.extensions import db
from helpdesk.folding import words
from helpdesk.sql import next_ids, one_of

Person = tuple[str, str | None]
"""A name and a language."""


def known(channel: str, addresses: Iterable[str]) -> dict[str, Identity]:
    """The identities that these addresses already have, with their customers, by address.

    They stay with these customers until the transaction ends: a merge waits for it.
    """
    rows = db.session.scalars(
        select(Identity)
        .options(joinedload(Identity.customer, innerjoin=True))
        .where(Identity.channel == channel, one_of(Identity.address, set(addresses)))
        .with_for_update(read=True, key_share=True, of=Identity)
    )
    return {identity.address: identity for identity in rows}


def find_or_make(channel: str, people: Mapping[str, Callable[[], Person]]) -> dict[str, Identity]:
    """The identity of each address, making customers for the unknown. ``people``: address → who he is, asked if unknown.

    Addresses are in the channel's normal form. Two processes that meet a new address at once agree on one customer.
    """
    found = known(channel, people)
    missing = sorted(set(people) - set(found))
    if missing:
        made = _make(channel, {address: people[address]() for address in missing})
        found |= known(channel, missing)
        if beaten := made - {identity.customer_id for identity in found.values()}:
            db.session.execute(delete(Customer).where(one_of(Customer.id, beaten)))
    return found


def _make(channel: str, people: Mapping[str, Person]) -> set[int]:
    """Insert customers with these identities; of addresses that another process makes now, only the customers."""
    ids = list(next_ids("customers", len(people)))
    customers = [
        {"id": customer_id, "name": name, "language": language, "search_text": words(f"{name} {address}")}
        for customer_id, (address, (name, language)) in zip(ids, people.items(), strict=True)
    ]
    db.session.execute(insert(Customer), customers)
    rows = [
        {"customer_id": customer_id, "channel": channel, "address": address, "name": name}
        for customer_id, (address, (name, _language)) in zip(ids, people.items(), strict=True)
    ]
    db.session.execute(insert(Identity).on_conflict_do_nothing(index_elements=["channel", "address"]), rows)
    return set(ids)
