"""When a survey goes out, and when it must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

from flask import Flask

from helpdesk import clock, reactions
from helpdesk.extensions import db
from helpdesk.surveys import tokens
from helpdesk.surveys.models import Invitation, Survey
from helpdesk.tickets import actions
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing import deliveries, reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import DANIEL, Cast, mail


def invitations() -> list[Invitation]:
    return list(db.session.query(Invitation).order_by(Invitation.id))


def invited_mail(ticket: Ticket) -> Message | None:
    return db.session.query(Message).filter_by(ticket_id=ticket.id, automatic=True, direction="outbound").one_or_none()


def close(cast: Cast, ticket: Ticket) -> None:
    actions.close(cast.burak, ticket.id)
    reactions.react()


def test_closing_a_ticket_queues_one_mail_with_the_signed_link(cast: Cast) -> None:
    ticket = cast.ticket()
    close(cast, ticket)
    [invitation] = invitations()
    message = invited_mail(ticket)
    assert message is not None and message.id == invitation.message_id
    assert f"/s/{tokens.make(invitation.id)}?score=5" in message.text
    assert [delivery.recipient for delivery in message.deliveries] == ["sukran@posta.example"]
    assert message.deliveries[0].next_attempt_at <= clock.now()
    entry = db.session.query(Entry).filter_by(kind="survey_sent").one()
    assert (entry.ticket_id, entry.customer_id, entry.message_id) == (ticket.id, ticket.customer_id, message.id)


def test_the_mail_speaks_the_customers_language_else_the_inboxes(cast: Cast) -> None:
    turkish, english = cast.ticket(), cast.ticket(sender=DANIEL, text="Hello, the lid is missing. Please help, thanks.")
    english.customer.language = "en"
    turkish.customer.language = None
    db.session.commit()
    for ticket in (turkish, english):
        close(cast, ticket)
    assert "how was our support" in invited_mail(english).text
    assert "How was our support" not in invited_mail(turkish).subject
    assert 'lang="tr"' in invited_mail(turkish).html


def test_names_and_subjects_are_no_markup_in_the_mail(cast: Cast) -> None:
    ticket = cast.ticket(subject="<b>Kapak</b> & co")
    close(cast, ticket)
    html = invited_mail(ticket).html
    assert "<b>Kapak" not in html and "&lt;b&gt;Kapak&lt;/b&gt; &amp; co" in html
    assert "<b>Kapak</b> & co" in invited_mail(ticket).text


def test_solved_and_then_closed_is_asked_once(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.set_status(cast.burak, ticket.id, "solved")
    reactions.react()
    close(cast, ticket)
    assert len(invitations()) == 1


def test_closing_again_after_the_survey_has_left_asks_no_second_time(cast: Cast) -> None:
    ticket = cast.ticket()
    db.session.query(Survey).update({"throttle_days": 0})
    close(cast, ticket)
    db.session.query(Delivery).update({"status": "sent"})
    db.session.commit()
    actions.set_status(cast.burak, ticket.id, "open")
    close(cast, ticket)
    db.session.query(Survey).update({"throttle_days": 7})
    db.session.commit()
    assert len(invitations()) == 1
    assert db.session.query(Entry).filter_by(kind="survey_sent").count() == 1


def test_a_ticket_of_a_machine_is_not_surveyed(cast: Cast) -> None:
    cast.receive(mail(Auto_Submitted="auto-generated"))
    ticket = db.session.query(Ticket).one()
    close(cast, ticket)
    assert invitations() == []


def test_nobody_is_asked_when_the_survey_is_switched_off(cast: Cast) -> None:
    ticket = cast.ticket()
    db.session.query(Survey).update({"active": False})
    close(cast, ticket)
    db.session.query(Survey).update({"active": True})
    db.session.commit()
    assert invitations() == []


def test_a_customer_is_asked_once_within_the_throttle(cast: Cast) -> None:
    first, second, third = cast.ticket(subject="1"), cast.ticket(subject="2"), cast.ticket(subject="3")
    close(cast, first)
    close(cast, second)
    assert [invitation.ticket_id for invitation in invitations()] == [first.id]
    invitations()[0].created_at = clock.now() - timedelta(days=8)
    db.session.commit()
    close(cast, third)
    assert [invitation.ticket_id for invitation in invitations()] == [first.id, third.id]


def test_two_tickets_closed_at_once_ask_their_customer_once(app: Flask, cast: Cast) -> None:
    tickets = [cast.ticket(subject=str(number)) for number in range(4)]
    for ticket in tickets:
        actions.close(cast.burak, ticket.id)
    barrier = Barrier(4)

    def react() -> None:
        with app.app_context():
            barrier.wait()
            reactions.react()

    threads = [Thread(target=react) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reactions.react()
    db.session.rollback()
    assert len(invitations()) == 1


def test_the_survey_waits_for_the_held_reply(cast: Cast) -> None:
    ticket = cast.ticket()
    reply.reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), close=True, undo_seconds=60)
    reactions.react()
    held, survey = db.session.query(Delivery).order_by(Delivery.id)
    assert survey.message.automatic
    assert survey.next_attempt_at > held.next_attempt_at


def test_the_configured_delay_is_kept(app: Flask, cast: Cast) -> None:
    ticket = cast.ticket()
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, survey_delay_seconds=3600)
    try:
        close(cast, ticket)
    finally:
        app.extensions["settings"] = before
    due = invited_mail(ticket).deliveries[0].next_attempt_at
    assert clock.now() + timedelta(minutes=59) < due <= clock.now() + timedelta(minutes=60)


def test_taking_the_reply_back_takes_the_survey_back_and_a_later_close_asks_again(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply.reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), close=True, undo_seconds=60)
    reactions.react()
    survey = invited_mail(ticket)
    deliveries.undo(cast.burak, ticket.id, entry.message_id)
    reactions.react()
    assert invitations() == []
    assert [delivery.status for delivery in survey.deliveries] == ["cancelled"]
    assert db.session.query(Entry).filter_by(kind="survey_sent").one().data["withdrawn"] is True
    close(cast, ticket)
    assert len(invitations()) == 1


def test_a_survey_that_has_left_is_not_taken_back(cast: Cast) -> None:
    ticket = cast.ticket()
    close(cast, ticket)
    db.session.query(Delivery).update({"status": "sent"})
    db.session.commit()
    actions.set_status(cast.burak, ticket.id, "open")
    reactions.react()
    assert len(invitations()) == 1
    assert "withdrawn" not in db.session.query(Entry).filter_by(kind="survey_sent").one().data


def test_a_ticket_reopened_before_anybody_reacted_is_not_surveyed(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.close(cast.burak, ticket.id)
    actions.set_status(cast.burak, ticket.id, "open")
    reactions.react()
    assert invitations() == []


def test_an_answer_to_the_survey_mail_comes_back_to_its_ticket(cast: Cast) -> None:
    ticket = cast.ticket()
    close(cast, ticket)
    cast.receive(mail(subject="Re: anket", text="Elinize sağlık", in_reply_to=f"<{invited_mail(ticket).message_id}>"))
    db.session.expire_all()
    assert db.session.query(Ticket).count() == 1
    assert ticket.status == "open"
