"""Replies that are sent later: once, at their time, and not at all when somebody answers first."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk import clock, reactions
from helpdesk.errors import Conflict, Invalid
from helpdesk.extensions import db
from helpdesk.notifications.models import Notification
from helpdesk.scheduled import actions
from helpdesk.scheduled.models import ScheduledReply
from helpdesk.tickets.merging.merge import merge
from helpdesk.tickets.models import Delivery, Draft, Entry, Message, Ticket
from helpdesk.tickets.outgoing.reply import Writing, note, reply
from tests.cast import Cast, mail, messages, sign_in

LATER = timedelta(hours=2)


def later(cast: Cast, ticket: Ticket, html: str = "<p>Yarın <b>arıyoruz</b></p>", **options: object) -> Entry:
    return actions.schedule(cast.burak, ticket.id, Writing(html=html), clock.now() + LATER, **options)  # type: ignore[arg-type]


def pass_time() -> int:
    with clock.at(clock.now() + LATER + timedelta(minutes=1)):
        return actions.send_due()


def sent() -> list[str]:
    return list(db.session.scalars(select(Message.text).where(Message.direction == "outbound").order_by(Message.id)))


def test_it_goes_out_once_at_its_time_and_not_before(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = later(cast, ticket, close=True)
    assert (actions.send_due(), sent(), ticket.status, ticket.first_response_at) == (0, [], "new", None)
    assert (pass_time(), pass_time()) == (1, 0)
    assert (sent(), ticket.status, entry.data["state"]) == (["Yarın arıyoruz"], "closed", "sent")
    assert db.session.scalars(select(Delivery)).one().recipient == "sukran@posta.example"


@pytest.mark.parametrize("who", ["customer", "colleague"])
def test_it_stops_when_somebody_answers_first_and_its_writer_has_it_as_his_draft(cast: Cast, who: str) -> None:
    ticket = cast.ticket()
    entry = later(cast, ticket)
    if who == "customer":
        cast.receive(mail(in_reply_to=f"<{messages(ticket)[0].message_id}>", text="Vazgeçtim"))
    else:
        reply(cast.elif_, ticket.id, Writing(text="Hallettim"))
        reactions.react()
    reactions.react()
    assert entry.data["state"] == "stopped"
    assert pass_time() == 0
    assert "Yarın arıyoruz" not in sent()
    assert db.session.get_one(Draft, (cast.burak.id, ticket.id)).html == "<p>Yarın <b>arıyoruz</b></p>"
    assert "stopped" in db.session.scalars(select(Notification.kind).where(Notification.agent_id == cast.burak.id)).all()


def test_even_an_answer_that_nobody_has_reacted_to_yet_stops_it(cast: Cast) -> None:
    ticket = cast.ticket()
    later(cast, ticket)
    reply(cast.elif_, ticket.id, Writing(text="Hallettim"))
    assert pass_time() == 1
    assert sent() == ["Hallettim"]


def test_a_note_does_not_stop_it(cast: Cast) -> None:
    ticket = cast.ticket()
    later(cast, ticket)
    note(cast.elif_, ticket.id, Writing(text="Depo teyit etti"))
    reactions.react()
    pass_time()
    assert sent() == ["Yarın arıyoruz"]


def test_its_writer_moves_and_cancels_it_until_it_has_gone(cast: Cast) -> None:
    ticket = cast.ticket()
    number = later(cast, ticket).data["scheduled"]
    actions.move(cast.burak, ticket.id, number, clock.now() + timedelta(days=2))
    assert pass_time() == 0
    assert actions.cancel(cast.burak, ticket.id, number).html == "<p>Yarın <b>arıyoruz</b></p>"
    with pytest.raises(Conflict):
        actions.cancel(cast.burak, ticket.id, number)
    db.session.rollback()
    for wrong in (clock.now() - timedelta(minutes=1), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid):
            actions.schedule(cast.burak, ticket.id, Writing(text="x"), wrong)
        db.session.rollback()


def test_it_stops_when_its_writer_may_not_answer_any_more(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = later(cast, ticket)
    cast.burak.active = False
    db.session.commit()
    pass_time()
    assert (sent(), entry.data["state"]) == ([], "stopped")


def test_its_files_wait_with_it(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    upload = client.post("/attachments", data={"file": (io.BytesIO(b"fatura"), "fatura.txt")}).json["id"]
    body = {"text": "Ekte", "uploads": [upload], "send_at": (clock.now() + LATER).isoformat()}
    made = client.post(f"/tickets/{ticket.id}/scheduled-replies", json=body)
    assert made.status_code == 201
    assert "Ekte" in made.json["html"]
    assert client.post(f"/tickets/{ticket.id}/replies", json={"text": "Çal", "uploads": [upload]}).status_code == 422
    pass_time()
    stored = db.session.scalars(select(Message).where(Message.direction == "outbound")).one()
    assert [file.filename for file in stored.attachments] == ["fatura.txt"]


def test_an_outsider_and_a_colleague_do_nothing_to_it(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    number = later(cast, ticket).data["scheduled"]
    path, body = f"/tickets/{ticket.id}/scheduled-replies", {"text": "x", "send_at": (clock.now() + LATER).isoformat()}
    for agent in (cast.outsider, cast.elif_):
        sign_in(client, agent)
        assert client.put(f"{path}/{number}", json=body).status_code == 404
        assert client.delete(f"{path}/{number}").status_code == 404
        client.post("/logout")
    sign_in(client, cast.outsider)
    assert client.post(path, json=body).status_code == 404
    assert db.session.scalars(select(ScheduledReply.status)).all() == ["waiting"]


def test_what_waits_on_a_ticket_that_is_merged_goes_to_nobody(cast: Cast) -> None:
    ticket, other = cast.ticket(), cast.ticket("Kargo", "Daniel <daniel@mail.example>")
    entry = later(cast, ticket)
    merge(cast.burak, ticket.id, other.id)
    assert (pass_time(), sent(), entry.data["state"]) == (1, [], "stopped")
    assert db.session.get_one(Draft, (cast.burak.id, other.id)).html == "<p>Yarın <b>arıyoruz</b></p>"


def test_what_waits_on_the_ticket_that_stays_goes_to_its_own_customer(cast: Cast) -> None:
    ticket, other = cast.ticket("Kargo", "Daniel <daniel@mail.example>"), cast.ticket()
    later(cast, other)
    merge(cast.burak, ticket.id, other.id)
    assert pass_time() == 1
    assert db.session.scalars(select(Delivery)).one().recipient == "sukran@posta.example"
