"""A mail as it was sent, made safe for its frame: its pictures hidden or proxied, its odd links marked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from helpdesk import html_fold, safe_html, settings, signed_links
from helpdesk.agents import trust
from helpdesk.agents.models import Agent
from helpdesk.inboxes.queries import own_domains
from helpdesk.tickets.models import Message

SHOWN_URL = 300  # characters of a link's address in its title

Pictures = Literal["hidden", "shown", "never"]


def pictures_for(agent: Agent, message: Message, asked: bool) -> Pictures:
    """What becomes of the message's remote pictures for this agent, who may have ``asked`` to see them."""
    policy = settings.current().remote_images
    if policy == "never":
        return "never"
    verified = message.origin.get("result") != "fail"
    known = verified and message.identity is not None and trust.is_trusted(agent, message.identity.address)
    return "shown" if policy == "always" or asked or known else "hidden"


def framed(
    message_id: int, html: str, own_pictures: Mapping[str, str], pictures: Pictures, visible: str = ""
) -> tuple[Markup, str, bool]:
    """The mail's HTML, a sentence on what was taken out of it ("" for nothing), and whether more could be shown.

    Its remote pictures come as those of ``message_id``; ``own_pictures`` has the addresses of those that came along.
    What comes behind its ``visible`` text is folded, unless that is empty.
    """
    safe = safe_html.make_safe(
        html,
        images="proxied" if pictures == "shown" else "blocked",
        cid_urls=own_pictures,
        proxy=partial(signed_links.picture, message_id),
        anchor=partial(_anchor, own_domains()),
        fold=partial(html_fold.fold, visible=visible, label=_("Quoted text and signature")),
    )
    hidden = safe.pictures if pictures != "shown" else 0
    return Markup(safe.html), said(hidden, safe.trackers), hidden > 0 and pictures == "hidden"  # noqa: S704  # made safe


def said(hidden: int, trackers: int) -> str:
    """What was taken out of a mail, in words."""
    parts = []
    if hidden:
        parts.append(ngettext("%(num)s remote image hidden", "%(num)s remote images hidden", hidden))
    if trackers:
        parts.append(ngettext("%(num)s tracker removed", "%(num)s trackers removed", trackers))
    return " · ".join(parts)


def _anchor(own: frozenset[str], url: str, text: str) -> tuple[Mapping[str, str], str]:
    address, link = signed_links.href(url, text, own)
    shown = link.url if len(link.url) <= SHOWN_URL else f"{link.url[:SHOWN_URL]}…"
    if not link.oddities:
        return {"href": address, "title": shown}, ""
    title = _("Leads to %(host)s: look twice", host=link.certain_host)
    return {"href": address, "title": f"{title}\n{shown}"}, f'<bdi class="goes-to">{escape(link.certain_host)}</bdi>'
