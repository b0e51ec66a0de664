"""Where providers send what arrives: one URL for each inbox that is fed by a webhook."""

from __future__ import annotations

from channels import registry
from helpdesk import settings
from helpdesk.inboxes.models import Inbox

PATH = "/hooks/"


def of(inbox: Inbox) -> str | None:
    """The inbox's hook URL, built from PUBLIC_URL; None when its channel has no webhook."""
    has_one = registry.get(inbox.channel).capabilities.webhook
    return f"{settings.current().public_url}{PATH}{inbox.key}" if has_one else None
