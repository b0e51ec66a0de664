"""How values look in the API's JSON: instants, texts that can be stored, references; with sentences for wrong ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, ValidationError, fields, validate
from marshmallow import Schema as MarshmallowSchema

from helpdesk.cursors import LARGEST_ID

LARGEST_PAGE = 100
TEXT_CHARS = 500_000
_DIGITS = re.compile(r"[0-9]{1,30}")

fields.Field.default_error_messages.update(required=_("This is needed."), null=_("This may not be null."))
fields.String.default_error_messages.update(invalid=_("This must be text."))
fields.Integer.default_error_messages.update(invalid=_("This must be a whole number."))
fields.Boolean.default_error_messages.update(invalid=_("This must be true or false."))
fields.List.default_error_messages.update(invalid=_("This must be a list."))
fields.Nested.default_error_messages.update(type=_("This must be an object."))
fields.Dict.default_error_messages.update(invalid=_("This must be an object."))


class Schema(MarshmallowSchema):
    """A JSON object. A field that it does not have is refused, so that a typing error is not taken for success."""

    error_messages = {"unknown": _("There is no such field."), "type": _("This must be a JSON object.")}


class Answer(MarshmallowSchema):
    """A JSON object that we give. Programs must expect fields that are added later."""

    class Meta:
        unknown = EXCLUDE


class Instant(fields.DateTime):
    """An instant as RFC 3339 in UTC, such as 2026-11-22T10:00:00.000000Z."""

    def _serialize(self, value: datetime | None, *_args: Any, **_kwargs: Any) -> str | None:
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z") if value else None


class Text(fields.String):
    """Text that the database can hold: no NUL, no half of a surrogate pair, at most ``most`` characters."""

    def __init__(self, *, least: int = 0, most: int = TEXT_CHARS, **kwargs: Any) -> None:
        super().__init__(validate=length(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ValidationError(str(_("This has a character that cannot be stored.")))
        return text


class Number(fields.Integer):
    """A whole number: no fraction, no truth value; in digits, as a query has it, too."""

    def __init__(self, *, least: int = 1, most: int = LARGEST_ID, **kwargs: Any) -> None:
        wrong = _("This must be a whole number from %(least)s to %(most)s.", least=least, most=most)
        super().__init__(strict=True, validate=validate.Range(least, most, error=wrong), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or (isinstance(value, str) and not _DIGITS.fullmatch(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(int(value) if isinstance(value, str) else value, attr, data, **kwargs)


class Named(fields.Field[Any]):
    """Somebody or something already known: ``7``, ``{"id": 7}`` (as it is read), or its name or address."""

    def __init__(self, **kwargs: Any) -> None:
        description = 'An id, `{"id": …}`, a name or an address.'
        super().__init__(metadata={"type": ["integer", "string", "object"], "description": description}, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int | str:
        found = value.get("id") if isinstance(value, Mapping) else value
        if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= LARGEST_ID:
            return found
        if isinstance(found, str) and 0 < len(found) <= TEXT_CHARS and "\0" not in found:
            return found
        raise ValidationError(str(_("Name it by its id, or by its name or address.")))


class Reference(Answer):
    """Another thing, by its id and its name."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class Listed(Schema):
    """The query of every list."""

    cursor = fields.String(metadata={"description": "`next` of the page before."})
    limit = Number(load_default=50, most=LARGEST_PAGE, metadata={"description": "Items a page.", "default": 50})


def page_of(item: type[Answer]) -> type[Answer]:
    """The schema of one page of a list of these items."""
    parts = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"description": "Cursor of the next page."}),
    }
    return type(f"{item.__name__}Page", (Answer,), parts)


def one_of(choices: Any) -> validate.OneOf:
    """Accept only these words."""
    words = tuple(choices)
    return validate.OneOf(words, error=_("This must be one of: %(choices)s.", choices=", ".join(words)))


def length(least: int, most: int) -> validate.Length:
    """Accept texts and lists of such a length."""
    wrong = _("This must have from %(least)s to %(most)s characters or items.", least=least, most=most)
    return validate.Length(least, most, error=wrong)
