"""Sending, on a real SMTP server."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from channels.failures import UnknownOutcome
from channels.mailbox.outbox import MailOutbox
from channels.messages import OutgoingMessage
from helpdesk import clock, locks
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Delivery, Entry, Ticket
from helpdesk.tickets.outgoing import deliver, deliveries
from helpdesk.tickets.outgoing.outboxes import Outboxes
from helpdesk.tickets.outgoing.reply import reply
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import Cast, mail, messages
from tests.rigs.mailserver import MailServer


@pytest.fixture
def posted(cast: Cast, mail_server: MailServer) -> Cast:
    """The cast with an inbox that really sends."""
    inboxes.change(cast.inbox, {}, mail_server.settings("destek@lodosev.example"))
    return cast


def answer(cast: Cast, sender: str, **mail_parts: str) -> Delivery:
    ticket = cast.ticket(sender=sender)
    reply(cast.burak, ticket.id, Writing(html="<p>Kapağınız <b>yolda</b>.</p>"), undo_seconds=0)
    return db.session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()  # type: ignore[return-value]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def test_a_reply_reaches_its_customer_with_its_headers(posted: Cast, mail_server: MailServer) -> None:
    delivery = answer(posted, "Şükran <sukran.deliver@customer.example>")
    deliver.deliver_due()
    message = read(mail_server.wait_for_mails("sukran.deliver@customer.example")[0])
    db.session.refresh(delivery)
    assert delivery.status == "sent"
    assert message["Message-ID"] == f"<{delivery.message.message_id}>"
    assert message["In-Reply-To"] == f"<{delivery.message.in_reply_to}>"
    assert message["From"].addresses[0].display_name == "Lodos Ev Destek"
    assert message["Subject"] == delivery.message.subject
    assert message["Auto-Submitted"] is None
    assert "Kapağınız yolda." in message.get_body(("plain",)).get_content()
    assert "<b>yolda</b>" in message.get_body(("html",)).get_content()


def test_the_customers_answer_to_our_mail_comes_back_to_its_ticket(posted: Cast, mail_server: MailServer) -> None:
    sender = "Şükran <sukran.back@customer.example>"
    delivery = answer(posted, sender)
    deliver.deliver_due()
    ours = read(mail_server.wait_for_mails("sukran.back@customer.example")[0])
    posted.receive(mail(sender=sender, subject="Ynt", in_reply_to=ours["Message-ID"], text="Teşekkürler"))
    assert db.session.scalars(select(Ticket)).one().id == delivery.message.ticket_id


def test_nothing_leaves_before_its_time_and_nothing_taken_back_leaves_at_all(posted: Cast, mail_server: MailServer) -> None:
    ticket = posted.ticket(sender="a.held@customer.example")
    entry = reply(posted.burak, ticket.id, Writing(text="Bir dakika"), undo_seconds=10)
    assert deliver.deliver_due() == 0
    deliveries.undo(posted.burak, ticket.id, entry.message_id)
    db.session.execute(update(Delivery).values(next_attempt_at=clock.now()))
    db.session.commit()
    assert deliver.deliver_due() == 0
    assert mail_server.mails("a.held@customer.example") == []


def test_a_refused_recipient_fails_with_the_servers_words_and_the_agent_is_told(posted: Cast) -> None:
    delivery = answer(posted, "gone@customer.example")
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert (delivery.status, delivery.code) == ("failed", "recipient")
    assert "550" in delivery.detail
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert (entry.kind, entry.data["recipient"]) == ("delivery_failed", "gone@customer.example")


def test_a_busy_server_is_asked_again_later_and_gives_up_at_last(posted: Cast) -> None:
    delivery = answer(posted, "busy@customer.example")
    for tries in range(1, deliver.ATTEMPTS + 1):
        db.session.execute(update(Delivery).values(next_attempt_at=clock.now()))
        db.session.commit()
        deliver.deliver_due()
        db.session.refresh(delivery)
        assert delivery.attempts == tries
        if tries < deliver.ATTEMPTS:
            assert (delivery.status, delivery.next_attempt_at > clock.now()) == ("queued", True)
    assert delivery.status == "failed"


def test_a_wrong_password_stops_the_inbox_not_the_message(posted: Cast, mail_server: MailServer) -> None:
    inboxes.change(posted.inbox, {}, {"smtp_password": "wrong"})
    deliveries_made = [answer(posted, f"w{number}@customer.example") for number in range(3)]
    deliver.deliver_due()
    db.session.refresh(posted.inbox)
    assert (posted.inbox.send_state, posted.inbox.send_code) == ("failing", "login")
    assert posted.inbox.send_retry_at > clock.now()
    for delivery in deliveries_made:
        db.session.refresh(delivery)
        assert (delivery.status, delivery.attempts) == ("queued", 0)
    assert sum(delivery.code == "login" for delivery in deliveries_made) == 1  # one try, not one for each message
    inboxes.change(posted.inbox, {}, {"smtp_password": mail_server.password})
    deliver.deliver_due()
    db.session.refresh(posted.inbox)
    assert posted.inbox.send_state == "ok"
    assert len(mail_server.wait_for_mails("w2@customer.example")) == 1


def test_an_unreachable_server_loses_nothing(posted: Cast) -> None:
    inboxes.change(posted.inbox, {}, {"smtp_port": "1"})
    delivery = answer(posted, "u@customer.example")
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert (delivery.status, delivery.code) == ("queued", "unreachable")


def test_a_sender_that_died_before_the_hand_over_is_followed_by_another(posted: Cast, mail_server: MailServer) -> None:
    delivery = answer(posted, "before@customer.example")
    db.session.execute(update(Delivery).values(status="sending"))
    db.session.commit()
    assert deliver.recover() == 1
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert delivery.status == "sent"
    assert len(mail_server.wait_for_mails("before@customer.example")) == 1


def test_a_sender_that_died_after_the_hand_over_leaves_the_decision_to_a_person(
    posted: Cast, mail_server: MailServer
) -> None:
    delivery = answer(posted, "after@customer.example")
    db.session.execute(update(Delivery).values(status="sending", handed_over_at=clock.now()))
    db.session.commit()
    deliver.recover()
    db.session.refresh(delivery)
    assert delivery.status == "unknown"
    db.session.execute(update(Delivery).values(next_attempt_at=clock.now() - timedelta(days=1)))
    db.session.commit()
    assert deliver.deliver_due() == 0
    assert mail_server.mails("after@customer.example") == []


def test_a_living_sender_is_left_alone(posted: Cast) -> None:
    delivery = answer(posted, "alive@customer.example")
    db.session.execute(update(Delivery).values(status="sending"))
    db.session.commit()
    with locks.lease(locks.Lock.DELIVER, delivery.id):
        assert deliver.recover() == 0


def test_no_answer_after_the_hand_over_is_never_resent_blindly(posted: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(self: MailOutbox, message: OutgoingMessage, handover) -> None:
        handover()
        raise UnknownOutcome("timeout", "no answer to DATA")

    delivery = answer(posted, "v@customer.example")
    monkeypatch.setattr(MailOutbox, "send", vanish)
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert (delivery.status, delivery.handed_over_at is not None) == ("unknown", True)
    assert deliver.deliver_due() == 0


def test_a_sender_that_was_given_up_for_dead_does_not_hand_over(
    posted: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = answer(posted, "overtaken@customer.example")
    real = MailOutbox.send

    def slow(self: MailOutbox, message: OutgoingMessage, handover) -> object:
        """Before the hand-over the lease is lost with the database, and somebody else sends the message."""
        monkeypatch.setattr(MailOutbox, "send", real)
        db.session.execute(update(Delivery).values(status="queued"))
        db.session.commit()
        with Outboxes() as others:
            assert deliver._claim(delivery.id)
            deliver._send(delivery.id, others)
        return real(self, message, handover)

    monkeypatch.setattr(MailOutbox, "send", slow)
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert (delivery.status, delivery.attempts) == ("sent", 2)
    assert len(mail_server.wait_for_mails("overtaken@customer.example")) == 1


def test_what_left_is_written_down_once_the_database_is_back(
    posted: Cast, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [OperationalError("update", {}, Exception("the server closed the connection")) for _ in range(3)]
    write = deliver._sent

    def sent(*arguments: object) -> None:
        if away:
            raise away.pop()
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver, "_sent", sent)
    monkeypatch.setattr(deliver, "FIRST_WAIT", 0.0)
    delivery = answer(posted, "back@customer.example")
    deliver.deliver_due()
    db.session.refresh(delivery)
    assert (delivery.status, away) == ("sent", [])


def test_one_delivery_claimed_by_many_workers_is_sent_once(posted: Cast, mail_server: MailServer, app) -> None:
    from concurrent.futures import ThreadPoolExecutor

    delivery_id = answer(posted, "once@customer.example").id
    db.session.commit()

    def work() -> None:
        with app.app_context(), Outboxes() as outboxes:
            deliver.deliver(delivery_id, outboxes)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(work) for _ in range(8)]:
            future.result()
    assert len(mail_server.wait_for_mails("once@customer.example")) == 1


def test_a_bounce_marks_the_delivery_it_is_about(posted: Cast, mail_server: MailServer) -> None:
    delivery = answer(posted, "bounce@customer.example")
    deliver.deliver_due()
    posted.receive(mail_server.wait_for_mails("destek@lodosev.example")[-1])
    db.session.refresh(delivery)
    assert delivery.status == "failed"
    assert db.session.scalars(select(Ticket)).one().status == "open"  # one ticket, not reopened or opened by a machine


def test_a_bounce_that_returns_nothing_is_known_by_the_address_it_came_to(posted: Cast, mail_server: MailServer) -> None:
    inboxes.change(posted.inbox, {}, {"bounce_address": "destek+*@lodosev.example"})
    delivery = answer(posted, "verp@customer.example")
    deliver.deliver_due()
    path = read(mail_server.wait_for_mails("verp@customer.example")[0])["Return-path"].strip("<>")
    assert tokens.delivery_of(path) == delivery.id
    posted.receive(BARE_BOUNCE.replace(b"PATH", path.encode()))
    db.session.refresh(delivery)
    assert delivery.status == "failed" and db.session.query(Ticket).count() == 1


def test_the_copy_in_the_mailbox_is_never_taken_for_a_new_message(posted: Cast, mail_server: MailServer) -> None:
    inboxes.change(posted.inbox, {}, {"sent_folder": "INBOX"})
    before = len(mail_server.mails("destek@lodosev.example"))
    delivery = answer(posted, "copied@customer.example")
    deliver.deliver_due()
    copy = mail_server.wait_for_mails("destek@lodosev.example", before + 1)[-1]
    assert read(copy)["Message-ID"] == f"<{delivery.message.message_id}>"
    posted.receive(copy)
    assert (db.session.query(Ticket).count(), len(messages(delivery.message.ticket))) == (1, 2)


BARE_BOUNCE = b"""\
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@customer.example>
To: PATH
Subject: Undeliverable
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; customer.example

Final-Recipient: rfc822; forwarded@elsewhere.example
Action: failed
Status: 5.1.1

--b--
"""
