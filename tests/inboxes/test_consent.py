"""Consent instead of a password: asked for by one browser, kept sealed, renewed once for all, and shown when it ends."""

from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from channels.failures import TemporaryFailure
from helpdesk import clock, crypto
from helpdesk.extensions import db
from helpdesk.inboxes import actions, consenting
from helpdesk.inboxes.grant_models import Grant
from helpdesk.inboxes.grants import GrantedTokens
from helpdesk.inboxes.models import Inbox
from tests.cast import Cast, sign_in
from tests.inboxes.consented import connect, let_in
from tests.rigs.oauth_server import CLIENT_SECRET, OAuthServer


@pytest.fixture
def admin(app: Flask, cast: Cast) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT"] = "text/html"
    sign_in(browser, cast.ayse)
    return browser


def tokens(inbox: Inbox) -> GrantedTokens:
    consent = consenting.consent_of(inbox)
    assert consent is not None
    return GrantedTokens(inbox.id, consent)


def grant(inbox: Inbox) -> Grant:
    db.session.rollback()
    return db.session.get_one(Grant, inbox.id, populate_existing=True)


def age(inbox: Inbox, seconds: int) -> None:
    """Let the access token end in so many seconds."""
    grant(inbox).expires_at = clock.now() + timedelta(seconds=seconds)
    db.session.commit()


def test_consent_leads_from_the_page_to_tokens_that_are_sealed_and_never_shown(
    admin: FlaskClient, cast: Cast, provider: OAuthServer
) -> None:
    actions.change(cast.inbox, {}, provider.settings())
    page = admin.get(f"/settings/inboxes/{cast.inbox.id}?lang=en").text
    assert "Not connected" in page and "http://temas.test/settings/inboxes/consent" in page
    assert connect(admin, cast.inbox, provider) == f"/settings/inboxes/{cast.inbox.id}/tested"
    asked = provider.asked[0]
    assert (
        asked["redirect_uri"] == "http://temas.test/settings/inboxes/consent" and asked["login_hint"] == cast.inbox.address
    )
    kept = grant(cast.inbox)
    secrets = crypto.unseal(kept.tokens)
    assert kept.account == cast.inbox.address and kept.agent_id == cast.ayse.id
    assert secrets["access"].encode() not in kept.tokens
    page = admin.get(f"/settings/inboxes/{cast.inbox.id}?lang=en").text
    assert "Connected as" in page and "Consent ends" in page
    assert not [one for one in (*secrets.values(), CLIENT_SECRET) if one in page]


@pytest.mark.parametrize(
    ("error", "description", "sentence"),
    [
        ("access_denied", "the user declined", "consent was not given"),
        ("access_denied", "AADSTS65004: User declined to consent", "consent was not given"),
        ("access_denied", "AADSTS90094: admin consent is required", "admin must consent first"),
        ("invalid_request", "AADSTS50020: User does not exist in tenant", "does not belong to the organisation"),
        ("unauthorized_client", "AADSTS700016: application not found", "client ID or its secret"),
        ("invalid_request", "AADSTS50011: the reply URL does not match", "redirect URI"),
        ("admin_policy_enforced", "", "admin must consent first"),
        ("org_internal", "", "does not belong to the organisation"),
        ("server_error", "<b>oops</b>", "come back later (server_error: &lt;b&gt;oops"),
    ],
)
def test_a_refusal_is_said_in_a_clear_sentence(
    admin: FlaskClient, cast: Cast, provider: OAuthServer, error: str, description: str, sentence: str
) -> None:
    actions.change(cast.inbox, {}, provider.settings(auth="microsoft"))
    leaving = admin.get(f"/settings/inboxes/{cast.inbox.id}/consent")
    provider.error = (error, description)
    back = admin.get(f"/settings/inboxes/consent?{provider.consent(leaving.location)}")
    page = admin.get(f"{back.location}?lang=en").text
    assert "Not connected: " in page and sentence in page.replace("&#39;", "'")
    assert db.session.get(Grant, cast.inbox.id) is None


def test_signing_in_as_somebody_else_connects_nothing_unless_the_inbox_says_so(
    admin: FlaskClient, cast: Cast, provider: OAuthServer
) -> None:
    actions.change(cast.inbox, {}, provider.settings())
    provider.account = "burak@lodosev.example"
    assert "You signed in as burak@lodosev.example" in admin.get(f"{connect(admin, cast.inbox, provider)}?lang=en").text
    assert db.session.get(Grant, cast.inbox.id) is None
    actions.change(cast.inbox, {}, {"oauth_account": "Burak@lodosev.example"})
    connect(admin, cast.inbox, provider)
    assert grant(cast.inbox).account == "burak@lodosev.example"


def test_a_wrong_client_secret_is_named(admin: FlaskClient, cast: Cast, provider: OAuthServer) -> None:
    actions.change(cast.inbox, {}, provider.settings(oauth_client_secret="an old one"))
    assert "client ID or its secret" in admin.get(f"{connect(admin, cast.inbox, provider)}?lang=en").text


def test_an_answer_is_taken_once_from_the_browser_that_asked_and_not_for_long(
    app: Flask, admin: FlaskClient, cast: Cast, provider: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.change(cast.inbox, {}, provider.settings())
    other = app.test_client()
    sign_in(other, cast.ayse)
    brought = provider.consent(admin.get(f"/settings/inboxes/{cast.inbox.id}/consent").location)
    assert other.get(f"/settings/inboxes/consent?{brought}").status_code == 422
    assert admin.get("/settings/inboxes/consent?code=x&state=1.1.1.forged").status_code == 422
    assert admin.get(f"/settings/inboxes/consent?{brought}").status_code == 422, "a failed try ends it"
    brought = provider.consent(admin.get(f"/settings/inboxes/{cast.inbox.id}/consent").location)
    monkeypatch.setattr(consenting, "VALID_SECONDS", -1)
    assert admin.get(f"/settings/inboxes/consent?{brought}").status_code == 422
    assert db.session.get(Grant, cast.inbox.id) is None


def test_only_admins_connect_and_disconnect(app: Flask, cast: Cast, provider: OAuthServer) -> None:
    let_in(cast, provider)
    number = cast.inbox.id
    for person in (cast.outsider, cast.elif_):
        browser = app.test_client()
        sign_in(browser, person)
        for path in (f"{number}/consent", "consent?code=x&state=y", f"{number}/tested"):
            assert browser.get(f"/settings/inboxes/{path}").status_code == 403
        assert browser.post(f"/settings/inboxes/{number}/consent/end").status_code == 403
    assert grant(cast.inbox)


def test_disconnecting_throws_the_tokens_away(admin: FlaskClient, cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    assert admin.post(f"/settings/inboxes/{inbox.id}/consent/end").status_code == 303
    assert db.session.get(Grant, inbox.id) is None
    with pytest.raises(TemporaryFailure, match="consent"):
        tokens(inbox).token()


def test_a_token_is_used_while_it_is_good_and_renewed_before_it_ends(cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    first = tokens(inbox).token()
    assert tokens(inbox).token() == first and provider.refreshes == 0
    age(inbox, 299)
    second = tokens(inbox).token()
    assert second != first and provider.refreshes == 1
    assert provider.account_of(second) == inbox.address


def test_rotated_refresh_tokens_are_saved_each_time(cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    seen = {crypto.unseal(grant(inbox).tokens)["refresh"]}
    for count in range(1, 4):
        age(inbox, 0)
        tokens(inbox).token()
        seen.add(crypto.unseal(grant(inbox).tokens)["refresh"])
        assert (provider.refreshes, len(seen)) == (count, count + 1)


def test_of_two_that_need_a_token_at_once_one_renews_it_for_both(app: Flask, cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    age(inbox, 0)
    provider.slow = 0.3
    source, got, start = tokens(inbox), [], threading.Barrier(4)

    def ask() -> None:
        with app.app_context():
            start.wait()
            got.append(source.token())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4 and len(set(got)) == 1 and provider.refreshes == 1


def test_a_token_refused_before_its_time_is_renewed(cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    first = tokens(inbox).token()
    assert tokens(inbox).token(refused=first) != first
    assert provider.refreshes == 1


def test_a_consent_taken_back_is_noticed_once_and_the_provider_left_alone(cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    provider.revoke()
    age(inbox, 0)
    for _ in range(3):
        with pytest.raises(TemporaryFailure) as failure:
            tokens(inbox).token()
        assert (failure.value.code, failure.value.whole_inbox) == ("consent", True)
        assert "AADSTS700082" in failure.value.detail
    assert grant(inbox).refused_at is not None
    provider.down = True  # whoever asked it now would be told another reason
    with pytest.raises(TemporaryFailure, match="consent"):
        tokens(inbox).token()


def test_a_provider_that_is_away_does_not_end_a_token_that_is_still_good(cast: Cast, provider: OAuthServer) -> None:
    inbox = let_in(cast, provider)
    first = tokens(inbox).token()
    provider.down = True
    age(inbox, 60)
    assert tokens(inbox).token() == first
    age(inbox, -1)
    with pytest.raises(TemporaryFailure) as failure:
        tokens(inbox).token()
    assert failure.value.code == "busy" and grant(inbox).refused_at is None
    provider.down = False
    assert tokens(inbox).token() != first


@pytest.mark.parametrize(
    "change",
    [
        {"imap_host": "mail.evil.example"},
        {"smtp_security": "none"},
        {"oauth_client_id": "another", "oauth_client_secret": "x"},
        {"oauth_token_url": "http://127.0.0.1:1/token", "oauth_client_secret": "x"},
    ],
)
def test_tokens_go_nowhere_but_where_consent_was_for(cast: Cast, provider: OAuthServer, change: dict[str, str]) -> None:
    inbox = let_in(cast, provider)
    actions.change(inbox, {}, change)
    with pytest.raises(TemporaryFailure, match="consent"):
        tokens(inbox).token()


def test_when_consent_ends_is_shown_as_the_provider_says(admin: FlaskClient, cast: Cast, provider: OAuthServer) -> None:
    provider.refresh_seconds = 2 * 86_400
    inbox = let_in(cast, provider)
    ends = grant(inbox).ends_at
    assert ends is not None and abs(ends - clock.now() - timedelta(days=2)) < timedelta(minutes=1)
    page = admin.get(f"/settings/inboxes/{inbox.id}?lang=en").text
    assert "ends soon" in page and "unless it is used before" not in page
    grant(inbox).ends_unused = True
    db.session.commit()
    page = admin.get(f"/settings/inboxes/{inbox.id}?lang=en").text
    assert "unless it is used before" in page and "ends soon" not in page


def test_a_password_that_nobody_asks_for_any_more_does_not_go_to_another_server(cast: Cast, provider: OAuthServer) -> None:
    actions.change(cast.inbox, {}, provider.settings(imap_host="imap.elsewhere.example"))
    assert crypto.unseal(cast.inbox.secrets)["imap_password"] == ""
    assert crypto.unseal(cast.inbox.secrets)["smtp_password"] == "pw"


@pytest.mark.parametrize(("auth", "host", "scope"), [
    ("microsoft", "login.microsoftonline.com/lodosev.example/oauth2", "https://outlook.office.com/IMAP.AccessAsUser.All"),
    ("google", "accounts.google.com/o/oauth2/v2/auth", "https://mail.google.com/"),
])  # fmt: skip
def test_the_well_known_providers_are_asked_for_mail_and_to_be_remembered(
    cast: Cast, auth: str, host: str, scope: str
) -> None:
    values = {"auth": auth, "oauth_client_id": "id", "oauth_client_secret": "x", "oauth_tenant": "lodosev.example"}
    actions.change(cast.inbox, {}, values)
    url = urlsplit(consenting.begin(cast.inbox, cast.ayse, "nonce"))
    asked = parse_qs(url.query)
    assert host in f"{url.netloc}{url.path}" and scope in asked["scope"][0].split()
    assert "offline_access" in asked["scope"][0] or asked["access_type"] == ["offline"]


@pytest.mark.parametrize("wrong", [{"oauth_tenant": "x/../y"}, {"oauth_client_id": ""}])
def test_settings_that_do_not_suffice_are_named(admin: FlaskClient, cast: Cast, wrong: dict[str, str]) -> None:
    cast.inbox.settings = {**cast.inbox.settings, "auth": "microsoft", "oauth_client_id": "id", **wrong}
    db.session.commit()
    back = admin.get(f"/settings/inboxes/{cast.inbox.id}/consent")
    assert "Something is missing or wrong" in admin.get(f"{back.location}?lang=en").text


def test_secrets_are_sent_over_tls_only(cast: Cast, provider: OAuthServer) -> None:
    actions.change(cast.inbox, {}, provider.settings(oauth_token_url="http://provider.example/token"))
    consent = consenting.consent_of(cast.inbox)
    assert consent is not None
    with pytest.raises(TemporaryFailure, match="https"):
        consent.refresh("a refresh token")
