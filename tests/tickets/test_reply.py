"""Writing to a customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk import clock
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import actions, tokens
from helpdesk.tickets.models import Delivery, Entry, Ticket
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.outgoing.reply import StaleReply, Writing, note, reply
from tests.cast import DANIEL, Cast, mail, messages


def last_entry(ticket: Ticket) -> int:
    return db.session.scalars(select(Entry.id).where(Entry.ticket_id == ticket.id).order_by(Entry.id.desc())).first() or 0


def all_deliveries() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def test_a_reply_is_stored_with_one_held_delivery_and_its_message_id(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(html="<p>Kapak <b>yolda</b>.</p>"), undo_seconds=10)
    [delivery] = all_deliveries()
    assert (delivery.status, delivery.recipient) == ("queued", "sukran@posta.example")
    assert delivery.next_attempt_at > clock.now() + timedelta(seconds=8)
    assert tokens.ticket_of(entry.message.message_id) == ticket.id
    assert (entry.message.text, entry.message.in_reply_to) == ("Kapak yolda.", messages(ticket)[0].message_id)
    assert entry.message.subject == f"Re: Kapak yok [#{ticket.id}]"


def test_answering_takes_the_ticket_and_opens_it(cast: Cast) -> None:
    ticket = cast.ticket()
    reply(cast.burak, ticket.id, Writing(text="Bakıyorum."))
    assert (ticket.assignee, ticket.status, ticket.unread) == (cast.burak, "open", False)
    assert ticket.first_response_at is not None


def test_everybody_on_the_mail_gets_his_own_delivery_but_not_our_inbox(cast: Cast) -> None:
    cast.receive(mail(cc=f"{DANIEL}, destek@lodosev.example"))
    ticket = db.session.scalars(select(Ticket)).one()
    reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    assert [delivery.recipient for delivery in all_deliveries()] == ["sukran@posta.example", "daniel@mail.example"]


def test_an_answer_to_a_crowd_goes_to_its_writer_alone(cast: Cast) -> None:
    cast.receive(mail(cc=", ".join(f"kisi{number}@posta.example" for number in range(500))))
    ticket = db.session.scalars(select(Ticket)).one()
    reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    assert [delivery.recipient for delivery in all_deliveries()] == ["sukran@posta.example"]


def test_a_reply_is_refused_when_something_arrived_that_its_author_has_not_seen(cast: Cast) -> None:
    ticket = cast.ticket()
    seen = last_entry(ticket)
    cast.receive(mail(in_reply_to=f"<{messages(ticket)[0].message_id}>", text="Vazgeçtim"))
    with pytest.raises(StaleReply) as refused:
        reply(cast.burak, ticket.id, Writing(text="Yolda."), seen_entry=seen)
    assert refused.value.status == 409
    assert refused.value.extra["entries"] == [last_entry(ticket)]
    assert all_deliveries() == []
    reply(cast.burak, ticket.id, Writing(text="Peki."), seen_entry=last_entry(ticket))


def test_a_colleagues_note_makes_a_reply_stale_but_ones_own_click_does_not(cast: Cast) -> None:
    ticket = cast.ticket()
    seen = last_entry(ticket)
    actions.set_status(cast.burak, ticket.id, "on_hold")
    reply(cast.burak, ticket.id, Writing(text="Bir."), seen_entry=seen)
    seen = last_entry(ticket)
    note(cast.elif_, ticket.id, Writing(text="Dur, stok yok."))
    with pytest.raises(StaleReply):
        reply(cast.burak, ticket.id, Writing(text="İki."), seen_entry=seen)


def test_undo_takes_back_what_has_not_left_and_the_closing_with_it(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Kapattım."), close=True, undo_seconds=10)
    assert ticket.status == "closed"
    deliveries.undo(cast.burak, ticket.id, entry.message_id)
    assert (all_deliveries()[0].status, ticket.status, ticket.closed_at) == ("cancelled", "new", None)
    assert entry.data["undone"] is True


def test_undo_is_too_late_once_a_copy_is_on_its_way(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Gitti."))
    all_deliveries()[0].status = "sending"
    db.session.commit()
    with pytest.raises(Conflict):
        deliveries.undo(cast.burak, ticket.id, entry.message_id)


def test_nobody_undoes_a_colleagues_message(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    with pytest.raises(NotFound):
        deliveries.undo(cast.elif_, ticket.id, entry.message_id)


def test_a_failed_delivery_is_sent_again_by_decision_only(cast: Cast) -> None:
    ticket = cast.ticket()
    reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    delivery = all_deliveries()[0]
    with pytest.raises(Conflict):
        deliveries.retry(cast.burak, ticket.id, delivery.id)
    delivery.status, delivery.code = "failed", "recipient"
    db.session.commit()
    deliveries.retry(cast.burak, ticket.id, delivery.id)
    assert (delivery.status, delivery.code, delivery.attempts) == ("queued", "", 0)


def test_an_empty_reply_is_refused_with_a_sentence(cast: Cast) -> None:
    ticket = cast.ticket()
    with pytest.raises(Invalid, match="nothing to send"):
        reply(cast.burak, ticket.id, Writing(html="<p>  </p>"))


def test_scripts_that_an_agent_pastes_are_not_sent(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(html='<p onclick="x()">a<script>alert(1)</script></p><iframe src="//x">'))
    assert entry.message.html == "<p>a</p>"


def test_a_note_is_nobodys_mail(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = note(cast.burak, ticket.id, Writing(text="Depoya sordum."))
    assert (entry.message.direction, all_deliveries(), ticket.last_text) == ("note", [], "Merhaba, kapak çıkmadı.")


@pytest.mark.parametrize("write", [reply, note])
def test_an_outsider_writes_nothing(cast: Cast, write) -> None:
    ticket = cast.ticket()
    with pytest.raises(NotFound):
        write(cast.outsider, ticket.id, Writing(text="Merhaba"))
    assert len(messages(ticket)) == 1


def test_an_outsider_decides_about_no_delivery(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    with pytest.raises(NotFound):
        deliveries.undo(cast.outsider, ticket.id, entry.message_id)
    with pytest.raises(NotFound):
        deliveries.retry(cast.outsider, ticket.id, all_deliveries()[0].id)
