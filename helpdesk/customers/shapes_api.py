"""The JSON of customers, their identities and merges."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError, fields

from helpdesk.api.values import Answer, Instant, Listed, Named, Schema, Text, length, one_of, page_of
from helpdesk.customers.actions import ADDRESS_CHARS, MOST_IDENTITIES
from helpdesk.i18n import LANGUAGES

LARGEST_OBJECT = 50_000


class Details(fields.Dict):
    """A JSON object of the programs' own, which the database can hold."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        try:
            written = json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This has a value that cannot be stored.")) from error
        if b"\\u0000" in written or len(written) > LARGEST_OBJECT:
            raise ValidationError(_("This has a value that cannot be stored."))
        return found


class Identity(Answer):
    """An address on a channel. ``verified``: somebody made sure that it is his."""

    channel = fields.String(required=True)
    address = fields.String(required=True)
    verified = fields.Boolean(required=True)


class NewIdentity(Schema):
    """An address on a channel, which is brought into the channel's one form."""

    channel = Text(required=True, least=1, most=50)
    address = Text(required=True, least=1, most=ADDRESS_CHARS)
    verified = fields.Boolean(load_default=False)


class Customer(Answer):
    """A customer. ``merged_into`` is the id of the one that took him over."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    company = fields.String(required=True)
    language = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    identities = fields.List(fields.Nested(Identity), required=True)
    attributes = fields.Dict(keys=fields.String(), required=True)
    preferences = fields.Dict(keys=fields.String(), required=True)
    merged_into = fields.Integer(required=True, allow_none=True, attribute="merged_into_id")
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class CustomerQuery(Listed):
    """Filters; all that are given must hold."""

    q = Text(most=300, metadata={"description": "Words of the name, the company or an address."})
    address = Text(most=ADDRESS_CHARS, metadata={"description": "Exactly this address, on any channel."})


class CustomerChange(Schema):
    """What to set. ``identities`` are all that the customer has afterwards."""

    name = Text(most=200)
    company = Text(most=200)
    language = fields.String(validate=one_of(LANGUAGES), allow_none=True)
    time_zone = Text(most=60, allow_none=True)
    identities = fields.List(fields.Nested(NewIdentity), validate=length(0, MOST_IDENTITIES))
    attributes = Details(keys=fields.String())
    preferences = Details(keys=fields.String())


class CustomerId(Named):
    """A customer by his id, or as he is read."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        found = super()._deserialize(value, *args, **kwargs)
        if isinstance(found, str):
            raise ValidationError(_("Name the customer by id."))
        return found


class MergeRequest(Schema):
    """Who is merged into the customer of the path."""

    customer = CustomerId(required=True)


class Merge(Answer):
    """A merge: everything of ``merged`` belongs to ``kept`` until it is undone."""

    id = fields.Integer(required=True)
    kept = fields.Integer(required=True, attribute="kept_id")
    merged = fields.Integer(required=True, attribute="merged_id")
    created_at = Instant(required=True)
    undone_at = Instant(required=True, allow_none=True)


CustomerPage = page_of(Customer)
