"""Verbs on inboxes: adding and changing them. Secrets go in and never come back out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from channels import registry
from channels.base import Channel, Setting
from helpdesk import crypto, live, signatures
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.folding import one_line
from helpdesk.inboxes.models import Inbox


def add(channel: str, name: str, address: str, *, team_id: int | None, values: Mapping[str, str], language: str) -> Inbox:
    """Make an inbox and commit. ``values`` are the channel's settings and secrets, as text.

    Raises Invalid naming each wrong field, Conflict when the address is already an inbox of this channel.
    """
    kind = _kind(channel)
    inbox = Inbox(channel=channel, key=secrets.token_urlsafe(24), settings={}, team_id=team_id, language=language)
    errors: dict[str, list[str]] = {}
    _name(inbox, name, errors)
    _address(inbox, kind, address, errors)
    _set_values(inbox, kind, values, errors)
    _refuse(errors)
    db.session.add(inbox)
    return _commit(inbox)


def change(inbox: Inbox, changes: Mapping[str, Any], values: Mapping[str, str]) -> Inbox:
    """Change an inbox and commit. ``changes``: any of name, address, team_id, language, enabled. An empty secret is kept.

    Raises Invalid naming each wrong field, Conflict when the address is already an inbox of this channel.
    """
    kind = _kind(inbox.channel)
    errors: dict[str, list[str]] = {}
    if "name" in changes:
        _name(inbox, changes["name"], errors)
    if "address" in changes:
        _address(inbox, kind, changes["address"], errors)
    for plain in ("team_id", "language", "enabled"):
        if plain in changes:
            setattr(inbox, plain, changes[plain])
    _set_values(inbox, kind, values, errors)
    if errors:
        db.session.rollback()
    _refuse(errors)
    inbox.settings_version += 1
    inbox.send_retry_at = None  # what was wrong may be mended: try at once
    live.inbox_health(inbox)
    return _commit(inbox)


def try_again(inbox: Inbox) -> None:
    """Let listener and sender of a failing inbox try at once instead of when their wait ends, and commit."""
    if "failing" in (inbox.receive_state, inbox.send_state):
        inbox.settings_version += 1
        inbox.send_retry_at = None
        db.session.commit()


def typed(channel: str, address: str, values: Mapping[str, str], saved: Inbox | None) -> tuple[str, dict[str, str]]:
    """The normal address and all settings as a form has them now, secrets left empty taken from ``saved``.

    Raises Invalid naming each wrong field. Nothing is stored.
    """
    kind = _kind(channel)
    errors: dict[str, list[str]] = {}
    normal = _normal(kind, address, errors)
    plain, sealed = _merged(kind, saved, values, errors)
    _refuse(errors)
    return normal, {**plain, **sealed}


def _kind(channel: str) -> type[Channel]:
    if channel not in registry.kinds():
        sentence = _("There is no channel “%(channel)s”.", channel=channel)
        raise Invalid(sentence, errors={"channel": [sentence]})
    return registry.get(channel)


def _name(inbox: Inbox, name: str, errors: dict[str, list[str]]) -> None:
    inbox.name = one_line(name, 200)
    if not inbox.name:
        errors["name"] = [_("Write a name: customers see it as the sender.")]


def _address(inbox: Inbox, kind: type[Channel], address: str, errors: dict[str, list[str]]) -> None:
    inbox.address = _normal(kind, address, errors) or inbox.address


def _normal(kind: type[Channel], address: str, errors: dict[str, list[str]]) -> str:
    try:
        return kind.normalise(address)
    except ValueError:
        errors["address"] = [_("“%(address)s” is not an address of this channel.", address=address)]
        return ""


def _set_values(inbox: Inbox, kind: type[Channel], values: Mapping[str, str], errors: dict[str, list[str]]) -> None:
    plain, sealed = _merged(kind, inbox, values, errors)
    inbox.settings = plain
    inbox.secrets = crypto.seal(sealed)


def _merged(
    kind: type[Channel], saved: Inbox | None, values: Mapping[str, str], errors: dict[str, list[str]]
) -> tuple[dict[str, str], dict[str, str]]:
    """The settings and the secrets after ``values`` are laid over what is saved. An empty secret is kept."""
    known = {setting.name: setting for setting in kind.settings}
    for name in values:
        if name not in known:
            errors[name] = [_("This channel has no such setting.")]
    sealed = crypto.unseal(saved.secrets) if saved else {}
    plain = dict(saved.settings) if saved else {}
    leaving = _leaving(kind, plain, sealed, values)
    for setting in kind.settings:
        kept = sealed if setting.secret else plain
        given = values.get(setting.name, "") if setting.secret else values.get(setting.name, kept.get(setting.name, ""))
        value = (given if setting.secret else given.strip()) or (kept.get(setting.name, "") if setting.secret else "")
        kept[setting.name] = value or setting.default
    for setting in kind.settings:
        if not setting.applies(plain):
            sealed |= {setting.name: ""} if setting.name in leaving else {}
        elif setting.name in leaving:
            errors[setting.name] = [
                _("Type it again: what is stored was for another server or encryption, and is not sent this way.")
            ]
        elif problem := _problem(kind, setting, (sealed if setting.secret else plain)[setting.name]):
            errors.setdefault(setting.name, [problem])
    return plain, sealed


def _leaving(
    kind: type[Channel], plain: Mapping[str, str], sealed: Mapping[str, str], values: Mapping[str, str]
) -> list[str]:
    """The stored secrets that these values would send somewhere else without anybody having typed them again."""
    moved = {name for name, value in values.items() if not _same(plain.get(name, ""), value)}
    kept = [setting for setting in kind.settings if sealed.get(setting.name) and not values.get(setting.name)]
    return [setting.name for setting in kept if not moved.isdisjoint(setting.bound_to)]


def _same(saved: str, value: str) -> bool:
    return saved.strip().casefold() == value.strip().casefold()


def _problem(kind: type[Channel], setting: Setting, value: str) -> str | None:
    if setting.required and not value:
        return _("This is needed.")
    if setting.kind == "addresses":
        return _no_address(kind, value)
    if setting.kind == "template":
        return _unfillable(value)
    if setting.kind == "integer" and value and not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        return _("This must be a number from 1 to 65535.")
    if setting.kind == "choice" and value and value not in [choice for choice, _label in setting.choices]:
        return _("Choose one of: %(choices)s.", choices=", ".join(choice for choice, _label in setting.choices))
    return None


def _no_address(kind: type[Channel], value: str) -> str | None:
    for part in filter(None, (one.strip() for one in value.split(","))):
        try:
            kind.normalise(part)
        except ValueError:
            return _("“%(address)s” is not an address of this channel.", address=part)
    return None


def _unfillable(template: str) -> str | None:
    try:
        signatures.checked(template)
    except Invalid as refusal:
        return refusal.detail
    return None


def _refuse(errors: dict[str, list[str]]) -> None:
    if errors:
        first = next(iter(errors.items()))
        raise Invalid(_("Something needs correcting: %(field)s: %(why)s", field=first[0], why=first[1][0]), errors=errors)


def _commit(inbox: Inbox) -> Inbox:
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise Conflict(_("This address is already an inbox of this channel.")) from error
    return inbox
