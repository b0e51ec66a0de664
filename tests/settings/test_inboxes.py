"""The settings of inboxes: what is typed is kept, tested before it is saved, and secrets never come back."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from helpdesk import clock, crypto
from helpdesk.extensions import db
from helpdesk.inboxes import actions, problems
from helpdesk.inboxes.models import Inbox, Received
from tests.cast import Cast, sign_in
from tests.rigs.mailserver import MailServer

SECRET = "do not show this"


def fields(**others: str) -> dict[str, str]:
    return {
        "name": "Kurumsal", "address": "kurumsal@lodosev.example", "team": "", "language": "tr", "enabled": "1",
        "imap_host": "imap.lodosev.example", "imap_port": "993", "imap_security": "ssl", "imap_password": SECRET,
        "smtp_host": "smtp.lodosev.example", "smtp_port": "587", "smtp_security": "starttls",
    } | others  # fmt: skip


@pytest.fixture
def admin(client: FlaskClient, cast: Cast) -> FlaskClient:
    sign_in(client, cast.ayse)
    return client


def test_an_inbox_is_made_and_its_password_never_comes_back(admin: FlaskClient, cast: Cast) -> None:
    response = admin.post("/settings/inboxes/new/email", data=fields(team=str(cast.destek.id)))
    assert response.status_code == 303
    inbox = db.session.query(Inbox).filter_by(name="Kurumsal").one()
    assert inbox.team_id == cast.destek.id
    assert crypto.unseal(inbox.secrets)["imap_password"] == SECRET
    assert SECRET not in admin.get(response.location).text


def test_a_refused_form_keeps_what_was_typed_with_the_reason_at_its_field(admin: FlaskClient, cast: Cast) -> None:
    response = admin.post(
        "/settings/inboxes/new/email?lang=en", data=fields(name="", imap_port="99999", smtp_host="mail.host.example")
    )
    assert response.status_code == 422
    assert 'id="name-error"' in response.text and 'id="imap_port-error"' in response.text
    assert 'value="99999"' in response.text and 'value="mail.host.example"' in response.text
    assert SECRET not in response.text
    assert db.session.query(Inbox).count() == 1


def test_an_address_that_is_an_inbox_already_is_refused_at_its_field(admin: FlaskClient, cast: Cast) -> None:
    response = admin.post("/settings/inboxes/new/email", data=fields(address=cast.inbox.address))
    assert response.status_code == 409
    assert 'id="address-error"' in response.text


def test_an_empty_password_keeps_the_stored_one(admin: FlaskClient, cast: Cast) -> None:
    admin.post("/settings/inboxes/new/email", data=fields())
    inbox = db.session.query(Inbox).filter_by(name="Kurumsal").one()
    admin.post(f"/settings/inboxes/{inbox.id}", data=fields(name="Kurumsal 2", imap_password=""))
    db.session.expire_all()
    assert inbox.name == "Kurumsal 2"
    assert crypto.unseal(inbox.secrets)["imap_password"] == SECRET


@pytest.mark.parametrize("action", ["", "/test"])
@pytest.mark.parametrize("change", [{"imap_host": "evil.example"}, {"imap_security": "none"}])
def test_a_stored_password_is_not_sent_to_another_server_or_in_the_clear_unless_typed_again(
    admin: FlaskClient, cast: Cast, action: str, change: dict[str, str]
) -> None:
    admin.post("/settings/inboxes/new/email", data=fields())
    inbox = db.session.query(Inbox).filter_by(name="Kurumsal").one()
    moved = fields(**change, imap_password="")
    page = admin.post(f"/settings/inboxes/{inbox.id}{action}?lang=en", data=moved).text
    assert 'id="imap_password-error"' in page and "another server" in page
    db.session.expire_all()
    assert (inbox.settings["imap_host"], inbox.settings["imap_security"]) == ("imap.lodosev.example", "ssl")


def test_a_server_written_in_other_letters_keeps_the_stored_password(admin: FlaskClient, cast: Cast) -> None:
    admin.post("/settings/inboxes/new/email", data=fields())
    inbox = db.session.query(Inbox).filter_by(name="Kurumsal").one()
    same = fields(imap_host=" IMAP.lodosev.example", imap_password="")
    assert admin.post(f"/settings/inboxes/{inbox.id}", data=same).status_code == 303


def test_switching_off_and_on(admin: FlaskClient, cast: Cast) -> None:
    admin.post("/settings/inboxes/new/email", data=fields())
    inbox = db.session.query(Inbox).filter_by(name="Kurumsal").one()
    off = fields()
    del off["enabled"]
    admin.post(f"/settings/inboxes/{inbox.id}", data=off)
    db.session.expire_all()
    assert not inbox.enabled
    assert "Paused" in admin.get("/settings/inboxes?lang=en").text


@pytest.mark.parametrize("team", ["999", "abc", "²"])
def test_a_team_that_does_not_exist_is_refused(admin: FlaskClient, cast: Cast, team: str) -> None:
    assert admin.post("/settings/inboxes/new/email", data=fields(team=team)).status_code == 422


def test_a_channel_that_does_not_exist_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/settings/inboxes/new/pigeon").status_code == 404
    assert admin.get("/settings/inboxes/999").status_code == 404


def test_a_preset_fills_the_servers(admin: FlaskClient) -> None:
    page = admin.get("/settings/inboxes/new/email?preset=Gmail").text
    assert 'value="imap.gmail.com"' in page and 'value="smtp.gmail.com"' in page


def test_testing_typed_values_saves_nothing_and_shows_the_steps(
    admin: FlaskClient, cast: Cast, trusted_mail_server: MailServer
) -> None:
    address = "deneme@lodosev.example"
    typed = fields(address=address, **trusted_mail_server.settings(address))
    response = admin.post("/settings/inboxes/new/email/test?lang=en", data=typed, headers={"Turbo-Frame": "tested"})
    assert response.status_code == 200
    assert 'data-tone="late"' not in response.text
    assert "Signed in to receive" in response.text and " ms" in response.text
    assert "this server proposes" in response.text and "Sent</code>" in response.text
    assert "<form" not in response.text
    assert db.session.query(Inbox).count() == 1


def test_a_test_sends_a_mail_to_the_admin_when_he_wants_one(
    admin: FlaskClient, cast: Cast, trusted_mail_server: MailServer
) -> None:
    address = "deneme2@lodosev.example"
    typed = fields(address=address, send_test="1", **trusted_mail_server.settings(address))
    page = admin.post("/settings/inboxes/new/email/test?lang=en", data=typed, headers={"Turbo-Frame": "tested"}).text
    assert "Test mail sent" in page and "Receiving and sending work" in page


def test_a_wrong_password_is_explained_in_three_parts(
    admin: FlaskClient, cast: Cast, trusted_mail_server: MailServer
) -> None:
    address = "deneme3@lodosev.example"
    typed = fields(address=address, **(trusted_mail_server.settings(address) | {"imap_password": "wrong"}))
    page = admin.post("/settings/inboxes/new/email/test?lang=en", data=typed).text
    assert "Cannot receive: the server did not accept the password" in page
    assert "Nothing is lost" in page and "What to do" in page and "server's words" in page.replace("&#39;", "'")
    assert f'value="{address}"' in page


def test_testing_an_unfinished_form_says_what_is_missing(admin: FlaskClient) -> None:
    typed = fields(imap_host="", address="no address")
    page = admin.post("/settings/inboxes/new/email/test?lang=en", data=typed, headers={"Turbo-Frame": "tested"}).text
    assert "Not tested: something is missing" in page and "IMAP" in page


@pytest.mark.parametrize("code", [
    "settings", "dns", "unreachable", "timeout", "tls", "login", "folder", "recipient", "sender", "too_large", "busy",
    "rejected", "protocol", "token", "consent", "denied", "admin_consent", "tenant", "client", "redirect", "something new",
])  # fmt: skip
def test_every_problem_says_what_happened_what_is_safe_and_what_to_do(cast: Cast, code: str) -> None:
    for way in ("receive", "send"):
        found = problems.trouble(way, code, waiting=3)  # type: ignore[arg-type]
        assert found.title and found.safe.startswith("Nothing is lost") and all(found.todo)


def test_a_failing_inbox_is_red_in_the_list_with_the_servers_words_on_its_page(admin: FlaskClient, cast: Cast) -> None:
    cast.inbox.send_state, cast.inbox.send_code, cast.inbox.send_detail = "failing", "login", "535 <b>no</b>"
    db.session.commit()
    page = admin.get(f"/settings/inboxes/{cast.inbox.id}?lang=en").text
    assert "Cannot send" in page and "535 &lt;b&gt;no&lt;/b&gt;" in page


def quarantined(cast: Cast, raw: bytes = b"From: x\r\n\r\n<script>alert(1)</script>\xff") -> Received:
    row = Received(
        inbox_id=cast.inbox.id, source_key="1:77", sha256=b"\0" * 32, size=len(raw), raw=raw, meta={}, attempts=5,
        status="quarantined", error="IndexError: out of range",
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def test_an_unreadable_item_is_shown_as_text_and_saved_as_it_came(admin: FlaskClient, cast: Cast) -> None:
    row = quarantined(cast)
    page = admin.get(f"/settings/received/{row.id}").text
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "IndexError" in page
    file = admin.get(f"/settings/received/{row.id}/raw")
    assert file.data == b"From: x\r\n\r\n<script>alert(1)</script>\xff"
    assert file.headers["Content-Disposition"].startswith("attachment") and file.mimetype == "application/octet-stream"
    assert "unreadable" in admin.get("/settings/inboxes?lang=en").text


def test_an_unreadable_item_is_tried_again_or_given_up(admin: FlaskClient, cast: Cast) -> None:
    row = quarantined(cast)
    assert admin.post(f"/settings/received/{row.id}/retry").status_code == 303
    db.session.expire_all()
    assert (row.status, row.attempts) == ("pending", 0)
    assert admin.post(f"/settings/received/{row.id}/discard").status_code == 409
    row.status = "quarantined"
    db.session.commit()
    assert admin.post(f"/settings/received/{row.id}/discard").status_code == 303
    db.session.expire_all()
    assert row.status == "ignored"
    assert "Take back" in admin.get(f"/settings/received/{row.id}?lang=en").text
    assert admin.post(f"/settings/received/{row.id}/quarantine").status_code == 303
    db.session.expire_all()
    assert row.status == "quarantined"
    assert admin.post(f"/settings/received/{row.id}/quarantine").status_code == 409
    assert admin.post("/settings/received/999/discard").status_code == 404


@pytest.mark.parametrize("reason, words", [("time", "2 seconds of computing"), ("memory", "200 MB"), ("crash", "crashed")])
def test_why_an_item_is_quarantined_is_said_with_what_tells_which_mail_it_is(
    admin: FlaskClient, cast: Cast, reason: str, words: str
) -> None:
    head = "From: =?utf-8?b?xZ7DvGtyYW4=?= <s@posta.example>\r\nSUBJECT: folded\r\n <b>line</b>\r\nX-Subject: no\r\n"
    row = quarantined(cast, f"{head}To: =?broken\r\n\r\nSubject: body".encode())
    row.reason = reason
    db.session.commit()
    page = admin.get(f"/settings/received/{row.id}?lang=en").text
    assert words in page and words in admin.get("/settings/received?lang=en").text
    assert "Şükran &lt;s@posta.example&gt;" in page and "folded &lt;b&gt;line&lt;/b&gt;" in page
    assert '<span class="push tag num" data-tone="soon">1</span>' in page


def test_all_unreadable_items_are_tried_again_at_once(admin: FlaskClient, cast: Cast) -> None:
    row = quarantined(cast)
    assert admin.post("/settings/received/retry").status_code == 303
    db.session.expire_all()
    assert row.status == "pending"
    assert "Everything could be read" in admin.get("/settings/received?lang=en").text


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/raw"])
def test_who_is_no_admin_sees_no_unreadable_item(client: FlaskClient, cast: Cast, path: str) -> None:
    row = quarantined(cast)
    sign_in(client, cast.outsider)
    assert client.get(f"/settings/received{path.format(id=row.id)}").status_code == 403
    for verb in ("retry", f"{row.id}/retry", f"{row.id}/discard", f"{row.id}/quarantine"):
        assert client.post(f"/settings/received/{verb}").status_code == 403


def test_the_last_comparison_is_on_the_page_of_the_inbox(admin: FlaskClient, cast: Cast) -> None:
    found = {"server": 1204, "stored": 1204, "missing": 0, "fetched": 0, "problems": {}, "finished": True}
    cast.inbox.comparison, cast.inbox.compared_at = found, clock.now()
    db.session.commit()
    assert "server 1,204, stored 1,204" in admin.get(f"/settings/inboxes/{cast.inbox.id}?lang=en").text
    cast.inbox.comparison = {**found, "problems": {"Nirgends": {"code": "folder", "detail": ""}}}
    db.session.commit()
    assert "Nirgends could not be compared" in admin.get(f"/settings/inboxes/{cast.inbox.id}?lang=en").text


def test_a_test_that_works_lets_a_failing_inbox_try_at_once(admin: FlaskClient, cast: Cast, mail_server: MailServer) -> None:
    actions.change(cast.inbox, {}, mail_server.settings(cast.inbox.address))
    cast.inbox.receive_state, version = "failing", cast.inbox.settings_version
    db.session.commit()
    typed = {name: value for name, value in mail_server.settings(cast.inbox.address).items() if "password" not in name}
    admin.post(f"/settings/inboxes/{cast.inbox.id}/test", data=typed | {"name": "Destek", "address": cast.inbox.address})
    db.session.expire_all()
    assert cast.inbox.settings_version == version + 1
