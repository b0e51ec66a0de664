"""Verbs on customers: making and changing them and their identities. Each commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from channels import registry
from helpdesk import clock
from helpdesk.agents.models import Agent
from helpdesk.customers import queries
from helpdesk.customers.models import Customer, Identity
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line, storable, words

MOST_IDENTITIES = 50
ADDRESS_CHARS = 320
SEARCHABLE_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Known:
    """An address of a customer; ``verified``: somebody made sure that it is his."""

    channel: str
    address: str
    verified: bool = False


def create(agent: Agent, values: Mapping[str, Any], identities: Sequence[Known]) -> Customer:
    """Make a customer. ``values``: any of name, company, language, time_zone, attributes, preferences.

    Raises Invalid naming each wrong field, Conflict when an address is another customer's.
    """
    wanted = _normal(identities)
    if not one_line(values.get("name", ""), 200) and not wanted:
        raise _wrong("name", _("A customer needs a name or an address."))
    customer = Customer(name="", company="", attributes={}, preferences={}, updated_at=clock.now())
    _set(customer, values)
    db.session.add(customer)
    db.session.flush()
    _add_identities(agent, customer, wanted)
    index(customer)
    db.session.commit()
    return customer


def change(agent: Agent, customer_id: int, values: Mapping[str, Any], identities: Sequence[Known] | None = None) -> Customer:
    """Change the given values of a customer, and his identities to exactly these unless None.

    Raises NotFound, Invalid, Conflict for a merged customer and for an address that is another customer's.
    """
    customer = queries.get(agent, customer_id)
    db.session.refresh(customer, with_for_update={"of": Customer})
    if customer.merged_into_id is not None:
        raise Conflict(_("This customer was merged into another one."), extra={"merged_into": customer.merged_into_id})
    _set(customer, values)
    if identities is not None:
        _replace_identities(agent, customer, _normal(identities))
    customer.updated_at = clock.now()
    index(customer)
    db.session.commit()
    return customer


def index(customer: Customer) -> None:
    """Bring the words by which the customer is found up to date, within the caller's transaction."""
    addresses = db.session.scalars(select(Identity.address).where(Identity.customer_id == customer.id))
    known_by = f"{customer.name} {customer.company} {' '.join(addresses)}"
    customer.search_text = words(known_by)[:SEARCHABLE_CHARS]


def _set(customer: Customer, values: Mapping[str, Any]) -> None:
    for name in ("name", "company"):
        if name in values:
            setattr(customer, name, one_line(values[name], 200))
    for name in ("language", "attributes", "preferences"):
        if name in values:
            setattr(customer, name, values[name])
    if "time_zone" in values:
        if values["time_zone"] is not None and values["time_zone"] not in available_timezones():
            raise _wrong("time_zone", _("There is no such time zone; name one such as Europe/Istanbul."))
        customer.time_zone = values["time_zone"]


def _normal(identities: Sequence[Known]) -> dict[tuple[str, str], bool]:
    """(channel, normal address) → verified. Raises Invalid naming each wrong one."""
    errors: dict[str, list[str]] = {}
    found: dict[tuple[str, str], bool] = {}
    for position, known in enumerate(identities):
        if known.channel not in registry.kinds():
            errors[f"identities.{position}.channel"] = [_("There is no channel “%(channel)s”.", channel=known.channel)]
            continue
        try:
            address = registry.get(known.channel).normalise(storable(known.address, ADDRESS_CHARS))
            found[(known.channel, address)] = known.verified
        except ValueError:
            errors[f"identities.{position}.address"] = [_("This is not an address of this channel.")]
    if len(identities) > MOST_IDENTITIES:
        errors["identities"] = [_("A customer can have %(most)s addresses.", most=MOST_IDENTITIES)]
    if errors:
        raise Invalid(_("An address cannot be used."), errors=errors)
    return found


def _replace_identities(agent: Agent, customer: Customer, wanted: dict[tuple[str, str], bool]) -> None:
    present = {(identity.channel, identity.address): identity for identity in customer.identities}
    for key, identity in present.items():
        if key not in wanted:
            _remove(identity)
        elif wanted[key] != (identity.verified_at is not None):
            identity.verified_at = clock.now() if wanted[key] else None
    _add_identities(agent, customer, {key: verified for key, verified in wanted.items() if key not in present})


def _remove(identity: Identity) -> None:
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Identity).where(Identity.id == identity.id))
    except IntegrityError as error:
        sentence = _("“%(address)s” has written messages, so it stays with this customer.", address=identity.address)
        raise _wrong("identities", sentence) from error


def _add_identities(agent: Agent, customer: Customer, wanted: Mapping[tuple[str, str], bool]) -> None:
    for (channel, address), verified in wanted.items():
        identity = Identity(customer_id=customer.id, channel=channel, address=address)
        identity.verified_at = clock.now() if verified else None
        try:
            with db.session.begin_nested():
                db.session.add(identity)
        except IntegrityError as error:
            raise _taken(agent, channel, address) from error
    db.session.expire(customer, ["identities"])


def _taken(agent: Agent, channel: str, address: str) -> Conflict:
    """Say whose address it is, to whom sees him."""
    theirs = select(Customer.id).join(Identity).where(Identity.channel == channel, Identity.address == address)
    owner = db.session.scalar(theirs.where(queries.visible_to(agent)))
    db.session.rollback()
    sentence = _("“%(address)s” is another customer's address; merge the two if they are one person.", address=address)
    return Conflict(sentence, errors={"identities": [sentence]}, extra={"customer": owner} if owner else None)


def _wrong(name: str, sentence: str) -> Invalid:
    return Invalid(sentence, errors={name: [sentence]})
