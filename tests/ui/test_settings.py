"""The settings in a real browser: a test that leaves the form alone, presets, and every screen for everybody's eyes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.inboxes import actions
from helpdesk.inboxes.grant_models import Grant
from helpdesk.inboxes.models import Inbox, Received
from tests.cast import Cast
from tests.inboxes.consented import let_in
from tests.rigs.oauth_server import OAuthServer
from tests.ui.screen import Screen

Open = Callable[..., Screen]

VARIANTS = pytest.mark.parametrize(
    ("theme", "size", "language"),
    [("light", "desk", "en"), ("dark", "desk", "tr"), ("light", "phone", "tr"), ("dark", "phone", "en")],
)
PAGES = (
    "", "/inboxes/1", "/inboxes/new/email", "/received", "/received/1", "/teams", "/teams/1", "/teams/new", "/agents",
    "/agents/2", "/agents/new", "/tokens", "/tokens/new", "/surveys/1",
)  # fmt: skip


@VARIANTS
def test_every_settings_page_is_accessible(cast: Cast, open_screen: Open, theme: str, size: str, language: str) -> None:
    cast.inbox.send_state, cast.inbox.send_code, cast.inbox.send_detail = "failing", "login", "535 5.7.8 refused"
    db.session.add(
        Received(
            inbox_id=cast.inbox.id,
            source_key="1:1",
            sha256=b"\0" * 32,
            size=3,
            raw=b"\xffab",
            meta={},
            attempts=5,
            status="quarantined",
            error="IndexError: out of range",
        )
    )
    db.session.commit()
    cast.token(cast.burak)
    screen = open_screen(cast.ayse, theme=theme, size=size, language=language)
    for page in PAGES:
        screen.go(f"/settings{page}")
        assert screen.axe() == [], page
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page


@VARIANTS
def test_an_inbox_let_in_by_consent_is_accessible(
    cast: Cast, open_screen: Open, theme: str, size: str, language: str
) -> None:
    with OAuthServer() as provider:
        let_in(cast, provider)
    screen = open_screen(cast.ayse, theme=theme, size=size, language=language)
    for refused_at in (None, clock.now()):
        db.session.get_one(Grant, cast.inbox.id).refused_at = refused_at
        db.session.commit()
        screen.go(f"/settings/inboxes/{cast.inbox.id}")
        assert screen.axe() == []
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_only_the_fields_of_the_chosen_sign_in_are_shown(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    screen.go("/settings/inboxes/new/email")
    page = screen.page
    assert page.is_visible("#imap_password") and not page.is_visible("#oauth_client_id")
    page.click("text=Microsoft 365")
    assert page.is_visible("#oauth_tenant") and not page.is_visible("#imap_password")
    assert page.is_visible("code:has-text('settings/inboxes/consent')")
    page.select_option("#auth", "google")
    assert page.is_visible("#oauth_client_id") and not page.is_visible("#oauth_tenant")


def test_connect_leads_to_the_provider(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    with OAuthServer() as provider:
        actions.change(cast.inbox, {}, provider.settings())
        screen.go(f"/settings/inboxes/{cast.inbox.id}")
        screen.page.click("a:has-text('Connect')")
        screen.page.wait_for_url(f"{provider.url}/authorize*")


def test_a_preset_fills_the_servers_and_keeps_what_was_typed(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    screen.go("/settings/inboxes/new/email")
    screen.page.fill("#name", "Kurumsal")
    screen.page.click("text=Yandex")
    assert screen.page.input_value("#imap_host") == "imap.yandex.com"
    assert screen.page.input_value("#smtp_security") == "ssl"
    assert screen.page.input_value("#name") == "Kurumsal"


def test_testing_leaves_the_typed_form_alone_and_explains_the_failure(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    screen.go("/settings/inboxes/new/email")
    typed = {
        "#name": "Kurumsal", "#address": "kurumsal@lodosev.example", "#imap_host": "127.0.0.1", "#imap_port": "9",
        "#imap_password": "gizli parola", "#smtp_host": "127.0.0.1", "#smtp_port": "9",
    }  # fmt: skip
    for field, text in typed.items():
        screen.page.fill(field, text)
    screen.page.click("text=Test >> visible=true")
    screen.page.wait_for_selector("#tested .test[data-tone='late']")
    assert "the server could not be reached" in screen.page.inner_text("#tested-title")
    assert {field: screen.page.input_value(field) for field in typed} == typed
    assert screen.axe() == []
    assert db.session.query(Inbox).count() == 1


def test_a_refused_form_shows_the_reason_at_its_field(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    screen.expected = ["422"]
    screen.go("/settings/inboxes/new/email")
    screen.page.fill("#address", "no address")
    screen.page.click("text=Save")
    screen.page.wait_for_selector("#address-error")
    assert screen.page.input_value("#address") == "no address"
    assert screen.axe() == []


def test_a_new_agents_password_is_shown_once(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.ayse)
    screen.go("/settings/agents/new")
    screen.page.fill("#name", "Gülşah İnan")
    screen.page.fill("#email", "gulsah@lodosev.example")
    screen.page.click("text=Invite")
    assert len(screen.page.inner_text(".once .raw")) >= 10
    assert screen.axe() == []
