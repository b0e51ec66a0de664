"""Who is told what: by mention, assignment, answer, following, reopening and failed sending."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk import reactions
from helpdesk.agents.models import Agent
from helpdesk.extensions import db
from helpdesk.notifications import actions, queries
from helpdesk.notifications.models import Notification
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing import deliveries
from helpdesk.tickets.outgoing.reply import Writing, note, reply
from tests.cast import Cast, mail, messages, sign_in


def told(agent: Agent) -> list[str]:
    reactions.react()
    rows = select(Notification.kind).where(Notification.agent_id == agent.id).order_by(Notification.id)
    return list(db.session.scalars(rows))


def answer(cast: Cast, ticket: Ticket) -> None:
    cast.receive(mail(in_reply_to=f"<{messages(ticket)[0].message_id}>", text="Hâlâ bekliyorum"))


def naming(*references: str) -> Writing:
    return Writing(
        html="<p>" + "".join(f'<span data-mention="{one}">@x</span> ' for one in references) + "bakar mısınız</p>"
    )


def test_who_is_mentioned_is_told_once_and_follows_from_then_on(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = note(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}", f"team:{cast.destek.id}", f"agent:{cast.burak.id}"))
    assert told(cast.elif_) == ["mentioned"]
    assert told(cast.burak) == []
    assert entry.message.text == "@x @x @x bakar mısınız"
    assert queries.followers(ticket) == [cast.elif_]
    answer(cast, ticket)
    assert told(cast.elif_) == ["mentioned", "followed"]


def test_who_may_not_see_the_ticket_is_never_told_of_it(cast: Cast) -> None:
    ticket = cast.ticket()
    note(cast.burak, ticket.id, naming(f"agent:{cast.outsider.id}", f"team:{cast.muhasebe.id}"))
    assert told(cast.outsider) == []
    assert queries.followers(ticket) == []
    tickets.set_team(cast.ayse, ticket.id, None)
    note(cast.burak, ticket.id, naming(f"agent:{cast.outsider.id}"))
    assert told(cast.outsider) == ["mentioned"]
    tickets.set_team(cast.ayse, ticket.id, cast.destek.id)
    assert (queries.newest(cast.outsider), queries.unread(cast.outsider)) == ([], 0)


def test_a_mention_never_goes_out_to_the_customer(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}"))
    assert "data-mention" not in entry.message.html
    assert told(cast.elif_) == []


def test_its_assignee_is_told_of_assignment_answer_and_reopening_but_not_of_what_he_does(cast: Cast) -> None:
    ticket = cast.ticket()
    tickets.take(cast.burak, ticket.id)
    tickets.assign(cast.burak, ticket.id, cast.elif_.id)
    tickets.close(cast.elif_, ticket.id)
    assert (told(cast.burak), told(cast.elif_)) == ([], ["assigned"])
    answer(cast, ticket)
    assert sorted(told(cast.elif_)) == ["assigned", "reopened", "replied"]


def test_who_has_had_enough_is_not_brought_back_by_a_mention(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.set_following(cast.elif_, ticket.id, True)
    actions.set_following(cast.elif_, ticket.id, False)
    note(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}"))
    answer(cast, ticket)
    assert told(cast.elif_) == ["mentioned"]
    assert queries.followers(ticket) == []


def test_the_writer_is_told_that_his_message_did_not_arrive(cast: Cast) -> None:
    ticket = cast.ticket()
    reply(cast.burak, ticket.id, Writing(text="Merhaba"))
    delivery = db.session.scalars(select(Delivery)).one()
    delivery.status, delivery.code = "failed", "recipient"
    deliveries.show(delivery)
    db.session.commit()
    assert told(cast.burak) == ["delivery_failed"]
    assert db.session.scalars(select(Notification)).one().recipient == "sukran@posta.example"


def test_reacting_twice_tells_once(cast: Cast) -> None:
    ticket = cast.ticket()
    note(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}"))
    assert told(cast.elif_) == ["mentioned"]
    [named] = [entry for entry in db.session.scalars(select(Entry)) if entry.data.get("mentions")]
    named.reacted_at = None
    db.session.commit()
    assert told(cast.elif_) == ["mentioned"]


def test_the_list_shows_counts_and_reads(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket("Kapak yok")
    for _time in range(2):
        note(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}"))
    first = told(cast.elif_) and db.session.scalars(select(Notification.id)).first()
    sign_in(client, cast.elif_)
    page = client.get("/notifications?lang=en").text
    assert page.count("Burak Öztürk mentioned you") == 2
    assert 'data-badge="notifications">2<' in page
    assert client.post(f"/notifications/{first}/read").location.endswith(f"/tickets/{ticket.id}")
    assert queries.unread(cast.elif_) == 1
    assert client.delete(f"/tickets/{ticket.id}/notifications").json == {"unread": 0}
    client.post("/notifications/read")
    people = client.get(f"/tickets/{ticket.id}/people").json["people"]
    assert [one["name"] for one in people] == ["Ayşe Yılmaz", "Burak Öztürk", "Destek"]


def test_an_outsider_reads_names_and_follows_nothing(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket("Gizli")
    note(cast.burak, ticket.id, naming(f"agent:{cast.elif_.id}"))
    [made] = told(cast.elif_) and db.session.scalars(select(Notification.id)).all()
    sign_in(client, cast.outsider)
    assert client.get(f"/tickets/{ticket.id}/people").status_code == 404
    assert client.put(f"/tickets/{ticket.id}/following").status_code == 404
    assert client.delete(f"/tickets/{ticket.id}/following").status_code == 404
    assert client.post(f"/notifications/{made}/read").location.endswith("/notifications")
    assert "Gizli" not in client.get("/notifications").text
    assert client.delete(f"/tickets/{ticket.id}/notifications").json == {"unread": 0}
    assert queries.unread(cast.elif_) == 1
    assert db.session.query(Message).count() == 2
