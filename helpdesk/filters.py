"""The one filter mechanism: a JSON list of conditions, all of which must hold.

A condition is ``{"field": name, "op": operator, "value": value}``. A table offers its fields as a mapping of name to
column; ``me`` as a value stands for the acting agent. Views, rules, SLA matching and segments use this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, true

from helpdesk.errors import Invalid

Condition = Mapping[str, Any]
Fields = Mapping[str, Any]

OPERATORS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "is": lambda column, value: column.is_(None) if value is None else column == value,
    "is_not": lambda column, value: column.is_distinct_from(value),
    "in": lambda column, value: column.in_(value),
    "has": lambda column, value: column.contains([value]),
    "before": lambda column, value: column < value,
    "after": lambda column, value: column >= value,
}


def criterion(conditions: Sequence[Condition], fields: Fields, names: Mapping[str, Any]) -> ColumnElement[bool]:
    """The SQL for these conditions. ``names`` gives the values of words such as ``me`` and ``now``.

    Raises Invalid naming the condition that cannot be understood.
    """
    return and_(true(), *(_one(condition, fields, names) for condition in conditions))


def _one(condition: Condition, fields: Fields, names: Mapping[str, Any]) -> ColumnElement[bool]:
    field, operator, value = str(condition.get("field")), str(condition.get("op")), condition.get("value")
    if field not in fields or operator not in OPERATORS or (operator == "in" and not isinstance(value, list)):
        raise Invalid(f"This condition cannot be understood: {dict(condition)}", errors={"filter": [str(dict(condition))]})
    if isinstance(value, str) and value.startswith("$"):
        value = names[value[1:]]
    return OPERATORS[operator](fields[field], value)
