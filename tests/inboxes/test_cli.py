"""`bin/helpdesk inboxes|received|reconcile`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from channels import registry
from helpdesk import crypto
from helpdesk.extensions import db
from helpdesk.inboxes import actions, ledger
from helpdesk.inboxes.cli import inboxes, reconcile
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.received_cli import received
from helpdesk.tickets.models import Ticket
from tests.cast import Cast, mail
from tests.rigs.mailserver import MailServer

ADDRESS = "destek@lodosev.example"


def run(app: Flask, command: object, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(command, arguments)  # type: ignore[arg-type]


def adding(*more: str) -> list[str]:
    given = ("imap_host=imap.example", "imap_password=pw", "smtp_host=smtp.example", *more)
    return [part for setting in given for part in ("--set", setting)]


def test_an_added_inbox_prints_its_id(app: Flask, cast: Cast) -> None:
    arguments = ("add", "email", "--name", "Info", "--address", "info@lodosev.example", "--team", "Muhasebe")
    result = run(app, inboxes, *arguments, *adding("imap_port=1143"))
    assert result.exit_code == 0, result.output
    inbox = db.session.get_one(Inbox, int(result.output))
    assert (inbox.address, inbox.team_id, inbox.settings["imap_port"]) == ("info@lodosev.example", cast.muhasebe.id, "1143")
    assert "info@lodosev.example" in run(app, inboxes, "list").output


def test_an_inbox_with_a_webhook_prints_its_url(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.CHANNELS, "signed", "tests.channels.signed:SignedChannel")
    result = run(app, inboxes, "add", "signed", "--name", "Hook", "--address", "bot", "--set", "secret=s")
    number, url = result.output.splitlines()
    assert url == f"http://temas.test/hooks/{db.session.get_one(Inbox, int(number)).key}"


def test_wrong_settings_are_said_and_nothing_is_added(app: Flask, cast: Cast) -> None:
    assert "no channel" in str(run(app, inboxes, "add", "fax", "--name", "I", "--address", "1").exception)
    for more in (["--set", "colour=red"], ["--set", "nonsense"], ["--team", "Nobody"], ["--set", "imap_port=x"]):
        result = run(app, inboxes, "add", "email", "--name", "I", "--address", "i@x.example", *adding(), *more)
        assert result.exit_code != 0
        assert result.exception is not None
    assert len(db.session.scalars(select(Inbox)).all()) == 1


def test_a_password_can_come_from_a_file(app: Flask, cast: Cast, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")
    arguments = ("add", "email", "--name", "I", "--address", "i@x.example", *adding(f"smtp_password=@{secret}"))
    result = run(app, inboxes, *arguments)
    assert crypto.unseal(db.session.get_one(Inbox, int(result.output)).secrets)["smtp_password"] == "from a file"


def test_a_check_says_what_works_and_what_does_not(app: Flask, cast: Cast, mail_server: MailServer) -> None:
    actions.change(cast.inbox, {}, mail_server.settings(ADDRESS))
    number = str(cast.inbox.id)
    good = run(app, inboxes, "check", number)
    assert good.exit_code == 0, good.output
    actions.change(cast.inbox, {}, mail_server.settings(ADDRESS, imap_password="wrong"))
    bad = run(app, inboxes, "check", number)
    assert bad.exit_code == 1
    assert "login_in" in bad.output
    assert "Cannot receive" in bad.output
    db.session.rollback()
    inbox = db.session.get_one(Inbox, int(number), populate_existing=True)
    assert (inbox.receive_state, inbox.receive_code, inbox.send_state) == ("failing", "login", "ok")
    assert "There is no inbox 77" in str(run(app, inboxes, "check", "77").exception)


def test_what_arrived_is_listed_shown_and_retried(app: Flask, cast: Cast) -> None:
    cast.ticket("Kapak yok")
    row = db.session.scalars(select(Received)).one()
    assert run(app, received, "list").output.split("\t")[:2] == [str(row.id), "done"]
    assert run(app, received, "list", "--status", "quarantined").output == ""
    shown = run(app, received, "show", str(row.id)).output
    assert "#1001" in shown
    assert "Subject: Kapak yok" in shown
    assert run(app, received, "show", str(row.id), "--raw").stdout_bytes == bytes(row.raw)
    assert "no item 77" in str(run(app, received, "show", "77").exception)
    assert run(app, received, "retry").exit_code == 2


def test_quarantined_items_are_interpreted_anew(app: Flask, cast: Cast) -> None:
    cast.ticket("Kapak yok")
    row = db.session.scalars(select(Received)).one()
    item = ledger._row(cast.inbox.id, row.item) | {
        "source_key": "1:99",
        "raw": mail(subject="Later"),
        "status": "quarantined",
    }
    db.session.execute(Received.__table__.insert().values(**item))
    db.session.commit()
    result = run(app, received, "retry", "--all")
    assert result.output == "1 of 1 handled.\n"
    assert db.session.scalars(select(Ticket.subject).order_by(Ticket.id)).all() == ["Kapak yok", "Later"]


def test_reconciling_fetches_what_the_ledger_lacks(app: Flask, cast: Cast, mail_server: MailServer) -> None:
    address = "reconcile@example.com"
    actions.change(cast.inbox, {"address": address}, mail_server.settings(address))
    mail_server.append(address, *(mail(subject=f"Mail {number}") for number in range(4)))
    number = str(cast.inbox.id)
    assert run(app, reconcile, number).output == "server 4, stored 0, missing 4, fetched 4\n"
    assert run(app, reconcile, number).output == "server 4, stored 4, missing 0, fetched 0\n"
    lost = db.session.scalars(select(Received.id).order_by(Received.id)).first()
    db.session.execute(Received.__table__.delete().where(Received.__table__.c.id == lost))
    db.session.commit()
    mail_server.append(address, mail(subject="New"))
    assert run(app, reconcile).output == "server 5, stored 3, missing 2, fetched 2\n"


def test_reconciling_after_the_keys_were_reset_doubles_nothing(app: Flask, cast: Cast, mail_server: MailServer) -> None:
    address = "renumbered@example.com"
    actions.change(cast.inbox, {"address": address}, mail_server.settings(address))
    mail_server.append(address, *(mail(subject=f"Mail {number}") for number in range(3)))
    number = str(cast.inbox.id)
    run(app, reconcile, number)
    for row in db.session.scalars(select(Received)):
        row.source_key = f"1:{row.source_key.rpartition(':')[2]}"  # as an older numbering had them
    db.session.commit()
    assert run(app, reconcile, number).output == "server 3, stored 3, missing 0, fetched 0\n"
    assert len(db.session.scalars(select(Received.id)).all()) == 3


def test_an_unreachable_server_is_said(app: Flask, cast: Cast) -> None:
    result = run(app, reconcile, str(cast.inbox.id))
    assert result.exit_code == 1
    assert "Cannot receive" in result.stderr
