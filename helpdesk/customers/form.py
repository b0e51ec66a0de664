"""The form of a customer: his facts as text, and back. What a program stored as something else than text is kept so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from helpdesk.customers.models import Customer
from helpdesk.folding import one_line
from helpdesk.i18n import LANGUAGES

MOST_ATTRIBUTES = 50
NAME_CHARS, VALUE_CHARS = 100, 1000


def of(customer: Customer) -> dict[str, Any]:
    """What the form shows of a customer."""
    attributes = [(name, as_text(value)) for name, value in customer.attributes.items()]
    return {
        "name": customer.name,
        "company": customer.company,
        "language": customer.language or "",
        "attributes": attributes,
    }


def typed(fields: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, as the form shows it again."""
    pairs = zip(fields.getlist("attribute_name"), fields.getlist("attribute_value"), strict=False)
    attributes = [(one_line(name, NAME_CHARS), one_line(value, VALUE_CHARS)) for name, value in pairs]
    plain = {name: fields.get(name, "") for name in ("name", "company", "language")}
    return plain | {"attributes": [pair for pair in attributes if pair[0]][:MOST_ATTRIBUTES]}


def values(form: Mapping[str, Any], customer: Customer) -> dict[str, Any]:
    """The values to store. An attribute whose text was left as it was stays what it was."""
    before = customer.attributes
    attributes = {
        name: before[name] if name in before and as_text(before[name]) == text else text for name, text in form["attributes"]
    }
    language = form["language"] if form["language"] in LANGUAGES else None
    return {"name": form["name"], "company": form["company"], "language": language, "attributes": attributes}


def as_text(value: Any) -> str:
    """An attribute as people read it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
