"""Mail with tokens instead of passwords, on real servers: in by Dovecot, out by a server that knows nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from channels import registry
from channels.failures import TemporaryFailure
from channels.messages import Address, OutgoingMessage
from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.inboxes import actions, listen
from helpdesk.inboxes.grant_models import Grant
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.queries import connector
from tests.cast import Cast, mail
from tests.inboxes.consented import let_in
from tests.rigs import mailserver
from tests.rigs.fixtures import need
from tests.rigs.mailserver import MailServer
from tests.rigs.oauth_server import OAuthServer
from tests.rigs.smtp_oauth import TokenSmtp
from tests.rigs.wait import PATIENCE, until

ADDRESS = "destek@lodosev.example"
TEST = OutgoingMessage("m@lodosev.example", Address(ADDRESS), Address("x@posta.example"), subject="Selam", text="Merhaba")


@pytest.fixture
def servers(provider: OAuthServer) -> Iterator[MailServer]:
    need(mailserver.missing())
    with MailServer(introspection_url=provider.introspection_url) as server:
        yield server


class Given:
    """A token source that has one token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, refused: str = "") -> str:
        return self._token


def imap(server: MailServer) -> dict[str, str]:
    return {name: value for name, value in server.settings(ADDRESS, imap_password="").items() if name.startswith("imap")}


@pytest.fixture
def listening(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(listen, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(listen, "FIRST_RETRY", 0.1)
    monkeypatch.setattr(listen, "LAST_RETRY", 0.5)
    stop = threading.Event()
    thread = threading.Thread(target=listen.run, args=(app, stop))
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def received() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Received)) or 0


def state() -> tuple[str, str]:
    db.session.rollback()
    inbox = db.session.scalars(select(Inbox)).one()
    return inbox.receive_state, inbox.receive_code


def end_token(inbox_id: int) -> None:
    db.session.get_one(Grant, inbox_id).expires_at = clock.now() - timedelta(minutes=1)
    db.session.commit()


def test_mail_comes_in_and_a_token_that_ends_meanwhile_is_replaced(
    cast: Cast, provider: OAuthServer, servers: MailServer, listening: None
) -> None:
    servers.append(ADDRESS, mail(subject="one"))
    inbox = let_in(cast, provider, **imap(servers))
    until(lambda: received() == 1 and state() == ("ok", ""), what="mail by token")
    provider.expire()
    servers.dovecot.kill()  # the line breaks while the listener idles, and its token is past
    servers.dovecot.start()
    servers.append(ADDRESS, mail(subject="two"))
    until(lambda: received() == 2 and state() == ("ok", ""), what="mail by a fresh token")
    assert provider.refreshes == 1, "a token refused before its time is renewed once"
    end_token(inbox.id)
    assert [step.ok for step in connector(inbox).check() if step.step == "login_in"] == [True]
    assert provider.refreshes == 2


def test_a_consent_taken_back_turns_the_inbox_red_and_giving_it_again_heals_it(
    cast: Cast, provider: OAuthServer, servers: MailServer, listening: None
) -> None:
    let_in(cast, provider, **imap(servers))
    until(lambda: state() == ("ok", ""), what="listening")
    provider.revoke()
    servers.dovecot.kill()
    servers.dovecot.start()
    until(lambda: state() == ("failing", "consent"), what="the inbox to turn red")
    servers.append(ADDRESS, mail())
    let_in(cast, provider, **imap(servers))
    until(lambda: received() == 1 and state() == ("ok", ""), what="the mail of meanwhile")


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_mail_goes_out_by_either_mechanism_and_a_stale_token_is_replaced(
    cast: Cast, provider: OAuthServer, mechanism: str
) -> None:
    with TokenSmtp(provider, mechanism) as smtp:
        inbox = let_in(cast, provider, **smtp.settings())
        provider.expire()
        connector(inbox).send(TEST, lambda: None)
        assert [user for user, _raw in smtp.mails] == [ADDRESS]
        assert (smtp.refused, provider.refreshes) == (1, 1)


def test_a_server_that_refuses_fresh_tokens_too_is_said_to(cast: Cast, provider: OAuthServer) -> None:
    with TokenSmtp(provider) as smtp:
        inbox = let_in(cast, provider, **smtp.settings() | {"smtp_user": "somebody@else.example"})
        with pytest.raises(TemporaryFailure) as failure:
            connector(inbox).send(TEST, lambda: None)
    assert (failure.value.code, failure.value.whole_inbox) == ("token", True)
    assert "status=401" in failure.value.detail and smtp.refused == 2


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_either_mechanism_opens_a_mailbox_and_a_wrong_token_does_not(provider: OAuthServer, mechanism: str) -> None:
    need(mailserver.missing())

    with MailServer(introspection_url=provider.introspection_url, mechanisms=mechanism) as server:
        values = imap(server) | {"auth": "oauth"}
        good = provider.issue()
        registry.get("email")(ADDRESS, values, Given(good)).open("INBOX").close()
        with pytest.raises(TemporaryFailure) as failure:
            registry.get("email")(ADDRESS, values, Given("no token")).open("INBOX")
    assert failure.value.code == "token" and "no token" not in failure.value.detail


def test_a_server_without_token_sign_in_is_named(cast: Cast, provider: OAuthServer, mail_server: MailServer) -> None:
    inbox = let_in(cast, provider, **imap(mail_server))
    failed = next(step for step in connector(inbox).check() if step.ok is False)
    assert (failed.step, failed.code) == ("login_in", "token") and "XOAUTH2" in failed.detail


def test_an_inbox_without_consent_is_red_and_no_password_is_tried(cast: Cast, provider: OAuthServer) -> None:
    actions.change(cast.inbox, {}, provider.settings())
    with pytest.raises(TemporaryFailure, match="consent"):
        connector(cast.inbox).open("INBOX")
