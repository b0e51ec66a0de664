"""What the tests of consent share: a provider, a mail server that believes him, and an inbox that he lets in."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask.testing import FlaskClient

from helpdesk.extensions import db
from helpdesk.inboxes import actions, consenting
from helpdesk.inboxes.models import Inbox
from tests.cast import Cast
from tests.rigs.oauth_server import OAuthServer


def let_in(cast: Cast, provider: OAuthServer, **settings: str) -> Inbox:
    """The cast's inbox, whose owner has consented."""
    actions.change(cast.inbox, {}, provider.settings(**settings))
    url = consenting.begin(cast.inbox, cast.ayse, "nonce")
    query = dict(part.split("=", 1) for part in provider.consent(url).split("&"))
    consenting.finish(cast.inbox, cast.ayse, query["state"], query["code"])
    return db.session.get_one(Inbox, cast.inbox.id)


def connect(browser: FlaskClient, inbox: Inbox, provider: OAuthServer) -> str:
    """Press Connect, consent at the provider, and come back; returns where that leads to."""
    leaving = browser.get(f"/settings/inboxes/{inbox.id}/consent")
    assert leaving.status_code == 302, leaving.text
    back = browser.get(f"/settings/inboxes/consent?{provider.consent(leaving.location)}")
    assert back.status_code == 303, back.text
    return urlsplit(back.location).path
