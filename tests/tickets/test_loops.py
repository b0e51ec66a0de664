"""Machines that answer machines: every exchange ends in silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from helpdesk import create_app, reactions
from helpdesk.config import Settings
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.migrating import bring_up_to_date
from helpdesk.surveys.models import Survey
from helpdesk.tickets import actions
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.outgoing import deliver
from tests.cast import Cast, mail
from tests.rigs.mailserver import MailServer

OURS, THEIRS, RESPONDER = "dongu@lodosev.example", "yardim@baska.example", "cevap@posta.example"
ROUNDS = 12


@pytest.fixture
def other_app(app: Flask, server_settings: Settings) -> Iterator[Flask]:
    """A second installation, with a database of its own."""
    name = "temas_other"
    url = make_url(app.extensions["settings"].database_url).set(database=name)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name}"))
    settings = replace(server_settings, database_url=url.render_as_string(hide_password=False))
    other = create_app(settings)
    with other.app_context():
        bring_up_to_date(other)
    yield other
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def settle(cast: Cast) -> None:
    """Close whatever is open, as a diligent team does, and send what that sets off."""
    for ticket in db.session.scalars(select(Ticket).where(Ticket.status != "closed")).all():
        actions.close(cast.burak, ticket.id)
    reactions.react()
    deliver.deliver_due()


def deliveries() -> int:
    return db.session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_two_installations_do_not_answer_each_other(cast: Cast, other_app: Flask, mail_server: MailServer) -> None:
    inboxes.change(cast.inbox, {"address": OURS}, mail_server.settings(OURS))
    mail_server.maildirs.make(OURS)
    mail_server.maildirs.make(THEIRS)
    cast.ticket(sender=f"Yardım <{THEIRS}>")
    settle(cast)
    assert deliveries() == 1
    (survey,) = mail_server.wait_for_mails(THEIRS)
    with other_app.app_context():
        others = Cast.gather()
        inboxes.change(others.inbox, {"address": THEIRS}, mail_server.settings(THEIRS))
        others.receive(survey)
        assert others.inbox.address == THEIRS and db.session.scalars(select(Ticket)).one().automatic
        settle(others)
        assert deliveries() == 0
    assert not mail_server.mails(OURS)


@pytest.fixture
def unthrottled_survey(app: Flask) -> Iterator[None]:
    """A survey that asks after every ticket; the table outlives a test."""
    survey = db.session.scalars(select(Survey)).one()
    before, survey.throttle_days = survey.throttle_days, 0
    db.session.commit()
    yield
    db.session.rollback()
    db.session.scalars(select(Survey)).one().throttle_days = before
    db.session.commit()


@pytest.mark.usefixtures("unthrottled_survey")
@pytest.mark.parametrize("honest", [True, False])
def test_an_autoresponder_falls_silent(cast: Cast, mail_server: MailServer, honest: bool) -> None:
    """One that says what it is, is answered once; one that hides it, for as long as its address has its day's share."""
    inboxes.change(cast.inbox, {"address": OURS}, mail_server.settings(OURS))
    mail_server.maildirs.make(RESPONDER)
    cast.ticket(sender=f"Cevap <{RESPONDER}>")
    answered = 0
    for _round in range(ROUNDS):
        settle(cast)
        if deliveries() == answered:
            break
        answered = deliveries()
        raw = mail_server.wait_for_mails(RESPONDER, answered)[-1]
        asked = message_from_bytes(raw)
        answer = mail(subject=f"Tatildeyim {answered}", sender=f"Cevap <{RESPONDER}>")
        marks = b"Auto-Submitted: auto-replied\n" if honest else b""
        cast.receive(marks + b"X-Answers: " + str(asked["Message-ID"]).encode() + b"\n" + answer)
    automatic = db.session.scalar(
        select(func.count()).select_from(Message).where(Message.automatic, Message.direction == "outbound")
    )
    assert automatic == (1 if honest else 5)
