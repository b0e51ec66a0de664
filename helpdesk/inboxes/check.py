"""Testing an inbox with the values as they are typed, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from channels.base import CheckStep
from helpdesk.extensions import db
from helpdesk.inboxes import actions, queries
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.problems import Trouble, Way, trouble


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test tried, in its order."""

    steps: Sequence[CheckStep]

    @property
    def failed(self) -> Sequence[CheckStep]:
        return [step for step in self.steps if step.ok is False]

    @property
    def tone(self) -> str:
        """``late`` when something failed, ``soon`` when a part was not tried, ``done`` when all works."""
        if self.failed:
            return "late"
        return "soon" if any(step.ok is None for step in self.steps) else "done"

    def troubles(self, waiting: int = 0) -> Sequence[Trouble]:
        """Each failed step in three parts."""
        return [trouble(way_of(step), step.code or "rejected", step.detail, waiting) for step in self.failed]


def way_of(step: CheckStep) -> Way:
    """Whether a step belongs to receiving or to sending."""
    return "receive" if step.step.endswith("_in") or step.step == "folder" else "send"


def check(
    channel: str, address: str, values: Mapping[str, str], *, saved: Inbox | None = None, send_to: str | None = None
) -> Outcome:
    """Try to receive and to send with these values; a secret left empty is the ``saved`` inbox's. Nothing is stored.

    Raises Invalid naming each wrong field. May take as long as the channel's timeouts.
    """
    normal, typed = actions.typed(channel, address, values, saved)
    db.session.rollback()  # the servers may take their time: hold no transaction meanwhile
    return Outcome(list(queries.connected(channel, normal, typed, saved).check(send_to=send_to)))
