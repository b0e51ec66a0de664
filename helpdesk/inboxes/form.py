"""The form of an inbox: what a channel declares, filled with defaults, what is saved, or what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import get_locale

from channels import registry
from channels.base import Channel, Preset, Setting
from helpdesk.i18n import LANGUAGES
from helpdesk.inboxes.models import Inbox


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one inbox, as text. ``values`` are the channel's settings; a secret is in them only when typed."""

    channel: str
    name: str
    address: str
    team: str
    language: str
    enabled: bool
    send_test: bool
    values: Mapping[str, str]

    @classmethod
    def empty(cls, channel: str, preset: str | None) -> Form:
        """A form with the channel's defaults, and a provider's settings when one is named."""
        kind = registry.get(channel)
        values = {setting.name: setting.default for setting in kind.settings if not setting.secret}
        chosen = next((one for one in kind.presets if one.name == preset), None)
        values |= chosen.values if chosen else {}
        return cls(channel, "", "", "", str(get_locale() or "en"), True, True, values)

    @classmethod
    def of(cls, inbox: Inbox) -> Form:
        """The form of a saved inbox, without its secrets."""
        team = str(inbox.team_id or "")
        values = {name: str(value) for name, value in inbox.settings.items()}
        return cls(inbox.channel, inbox.name, inbox.address, team, inbox.language, inbox.enabled, True, values)

    @classmethod
    def typed(cls, channel: str, fields: Mapping[str, str]) -> Form:
        """The form as it was sent; fields that the channel does not declare are left out."""
        names = [setting.name for setting in registry.get(channel).settings]
        language = fields.get("language", "")
        return cls(
            channel,
            fields.get("name", ""),
            fields.get("address", ""),
            fields.get("team", ""),
            language if language in LANGUAGES else "en",
            "enabled" in fields,
            "send_test" in fields,
            {name: fields[name] for name in names if name in fields},
        )

    @property
    def kind(self) -> type[Channel]:
        return registry.get(self.channel)

    @property
    def presets(self) -> Sequence[Preset]:
        return self.kind.presets

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[Setting]]]:
        """The channel's settings under their groups, in the order declared."""
        groups: dict[str, list[Setting]] = {}
        for setting in self.kind.settings:
            groups.setdefault(setting.group, []).append(setting)
        return list(groups.items())

    @property
    def consents(self) -> tuple[str, Sequence[str]] | None:
        """The setting, and its values, with which this channel signs in by consent."""
        return self.kind.by_consent
