"""Macros: several changes and a reply in one transaction, refused as a whole, and undone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.canned import actions as canned
from helpdesk.canned.actions import Form as CannedForm
from helpdesk.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.macros import actions, queries
from helpdesk.macros.actions import Form
from helpdesk.macros.models import Macro
from helpdesk.macros.run import run, undo
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Delivery, Entry, Message
from helpdesk.tickets.outgoing.reply import StaleReply
from tests.cast import Cast, mail, messages, sign_in

STEPS = {"assignee": "me", "priority": "high", "add_tags": ["iade"], "remove_tags": ["yeni"], "status": "closed"}


def macro(cast: Cast, **steps: object) -> Macro:
    return actions.add(
        cast.elif_, Form("İade", STEPS | {"reply": "<p>Merhaba {{ customer.first_name }}</p>"} | steps, "all")
    )


def test_a_macro_does_everything_at_once(cast: Cast) -> None:
    ticket = cast.ticket()
    tickets.set_tags(cast.elif_, ticket.id, ["yeni", "kargo"])
    done = run(cast.burak, ticket.id, macro(cast, note="<p>Depoya soruldu.</p>").id)
    assert (ticket.status, ticket.priority_name, ticket.assignee) == ("closed", "high", cast.burak)
    assert ticket.tags == ["kargo", "iade"]
    assert [(one.direction, one.text) for one in messages(ticket)[1:]] == [
        ("note", "Depoya soruldu."),
        ("outbound", "Merhaba Şükran"),
    ]
    assert (done.before["status"], done.after["status"]) == ("new", "closed")
    [said] = db.session.scalars(select(Entry).where(Entry.kind == "macro"))
    assert said.data == {"name": "İade"}


def test_a_macro_whose_one_part_is_refused_does_nothing(cast: Cast) -> None:
    ticket = cast.ticket(sender="anon@posta.example")
    ticket.customer.name = ""
    db.session.commit()
    for wanted in (macro(cast), macro(cast, assignee=cast.outsider.id, reply="<p>Selam</p>")):
        with pytest.raises(Invalid):
            run(cast.burak, ticket.id, wanted.id)
        db.session.refresh(ticket)
        assert (ticket.status, ticket.priority_name, ticket.tags, len(messages(ticket))) == ("new", "normal", [], 1)


def test_a_macro_does_not_answer_what_was_not_seen(cast: Cast) -> None:
    ticket = cast.ticket()
    seen = db.session.scalars(select(Entry.id).order_by(Entry.id.desc())).first()
    cast.receive(mail(in_reply_to=f"<{messages(ticket)[0].message_id}>", text="Vazgeçtim"))
    with pytest.raises(StaleReply):
        run(cast.burak, ticket.id, macro(cast).id, seen_entry=seen)
    assert ticket.status == "new"


def test_undoing_brings_back_what_nobody_changed_since(cast: Cast) -> None:
    ticket = cast.ticket()
    done = run(cast.burak, ticket.id, macro(cast, note="<p>Not</p>").id, undo_seconds=60)
    tickets.set_priority(cast.elif_, ticket.id, "urgent")
    undo(cast.burak, ticket.id, done.id)
    assert (ticket.status, ticket.tags, ticket.assignee_id, ticket.priority_name) == ("new", [], None, "urgent")
    assert {one.status for one in db.session.scalars(select(Delivery))} == {"cancelled"}
    undone = [entry.message.direction for entry in db.session.scalars(select(Entry)) if entry.data.get("undone")]
    assert sorted(undone) == ["note", "outbound"]
    with pytest.raises(Conflict):
        undo(cast.burak, ticket.id, done.id)


def test_only_who_ran_it_undoes_it_and_not_once_it_has_left(cast: Cast) -> None:
    ticket = cast.ticket()
    done = run(cast.burak, ticket.id, macro(cast).id, undo_seconds=60)
    with pytest.raises(NotFound):
        undo(cast.elif_, ticket.id, done.id)
    db.session.rollback()
    db.session.scalars(select(Delivery)).one().status = "sent"
    db.session.commit()
    with pytest.raises(Conflict):
        undo(cast.burak, ticket.id, done.id)
    db.session.rollback()
    assert ticket.status == "closed"


def test_a_macro_answers_with_a_canned_reply_in_the_customers_language(cast: Cast) -> None:
    texts = {"tr": "<p>Yolda</p>", "en": "<p>On its way</p>"}
    words = canned.add(cast.elif_, CannedForm("Kargo", texts, "all"))
    ticket = cast.ticket()
    wanted = actions.add(cast.elif_, Form("Kargo", {}, "all", canned_id=words.id))
    run(cast.burak, ticket.id, wanted.id)
    assert db.session.scalars(select(Message).where(Message.direction == "outbound")).one().text == "Yolda"
    assert words.uses == 1
    with pytest.raises(Conflict):
        canned.delete(cast.elif_, words.id)


@pytest.mark.parametrize(
    "steps", [{}, {"status": "gone"}, {"assignee": 999}, {"team": 999}, {"explode": 1}, {"reply": "<p>{{ a.b }}</p>"}]
)
def test_a_macro_that_makes_no_sense_is_refused(cast: Cast, steps: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        actions.add(cast.burak, Form("Olmaz", steps))


def test_what_others_use_only_leads_change_and_all_of_it_must_reach_them(cast: Cast) -> None:
    own = canned.add(cast.elif_, CannedForm("Benim", {"tr": "<p>a</p>"}))
    with pytest.raises(Invalid):
        actions.add(cast.elif_, Form("Herkese", {}, "all", canned_id=own.id))
    with pytest.raises(Forbidden):
        actions.add(cast.burak, Form("Herkese", {"status": "closed"}, "all"))
    team = actions.add(cast.elif_, Form("Takım", {"status": "closed"}, "team", cast.destek.id, key="1"))
    mine = actions.add(cast.burak, Form("Kapat", {"status": "closed"}, key="1"))
    assert queries.offered(cast.burak) == [(mine, "1"), (team, "")]
    with pytest.raises(NotFound):
        queries.get(cast.outsider, team.id)


def test_an_outsider_neither_looks_nor_runs_nor_undoes(client: FlaskClient, cast: Cast) -> None:
    ticket, wanted = cast.ticket("Gizli"), macro(cast)
    done = run(cast.burak, ticket.id, wanted.id)
    private = actions.add(cast.burak, Form("Benim", {"status": "closed"}))
    sign_in(client, cast.outsider)
    assert client.get(f"/tickets/{ticket.id}/macros/{wanted.id}").status_code == 404
    assert client.post(f"/tickets/{ticket.id}/macros/{wanted.id}", json={}).status_code == 404
    assert client.post(f"/tickets/{ticket.id}/macro-runs/{done.id}/undo", json={}).status_code == 404
    assert client.get(f"/settings/macros/{private.id}").status_code == 404
    assert client.post("/settings/macros/preview", data={"ticket": str(ticket.id)}).status_code == 404


def test_the_form_keeps_what_it_was_given_and_says_what_it_would_do(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    form = {"name": "Kapat", "visibility": "private", "key": "3", "status": "closed", "assignee": "me", "team": "none",
            "add_tags": "iade, kargo", "reply": "<p>Selam</p>", "ticket": str(ticket.id)}  # fmt: skip
    shown = client.post("/settings/macros/preview?lang=en", data=form).json
    assert shown["does"] == [
        "Team: No team", "Assignee: Burak Öztürk", "Add the tags iade, kargo", "Reply: “Selam”", "Status: Closed",
    ]  # fmt: skip
    assert client.post("/settings/macros/new", data=form).status_code == 303
    stored = db.session.scalars(select(Macro)).one()
    assert stored.steps == {
        "status": "closed", "assignee": "me", "team": None, "add_tags": ["iade", "kargo"], "reply": "<p>Selam</p>",
    }  # fmt: skip
    assert 'value="iade, kargo"' in client.get(f"/settings/macros/{stored.id}").text
