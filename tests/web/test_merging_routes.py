"""Choosing, merging, splitting and linking from the conversation, and what an outsider gets."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from helpdesk.tickets import actions
from helpdesk.tickets.merging.links import link
from helpdesk.tickets.merging.merge import merge
from tests.cast import DANIEL, Cast, mail, messages, sign_in

JSON = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/tickets/1001/picker", None),
        ("GET", "/tickets/1001/candidates?q=kapak", None),
        ("POST", "/tickets/1001/merge", {"into": 1002}),
        ("POST", "/tickets/1003/merge", {"into": 1002}),
        ("POST", "/tickets/1002/merges/1/undo", None),
        ("GET", "/tickets/1002/messages/1/split", None),
        ("POST", "/tickets/1002/split", {"message": 1}),
        ("POST", "/tickets/1002/splits/1/undo", None),
        ("POST", "/tickets/1002/links", {"ticket": 1003, "way": "related"}),
        ("POST", "/tickets/1002/links/1/undo", None),
    ],
)
def test_an_outsider_finds_nothing(client: FlaskClient, cast: Cast, method: str, path: str, body: object) -> None:
    for subject in ("Gizli bir", "Gizli iki", "Fatura"):
        cast.ticket(subject)
    actions.set_team(cast.ayse, 1003, cast.muhasebe.id)
    merge(cast.burak, 1001, 1002)
    link(cast.ayse, 1002, 1003, "related")
    sign_in(client, cast.outsider)
    answer = client.open(path, method=method, json=body, headers=JSON)
    assert answer.status_code == 404, answer.text
    assert "Gizli" not in answer.text


def test_the_picker_offers_the_same_customers_tickets_and_finds_others(client: FlaskClient, cast: Cast) -> None:
    one, two, other = cast.ticket("Bir"), cast.ticket("İki"), cast.ticket("No lid", DANIEL)
    sign_in(client, cast.burak)
    offered = client.get(f"/tickets/{one.id}/picker").text
    assert f'data-number="{two.id}"' in offered
    assert f'data-number="{other.id}"' not in offered
    found = client.get(f"/tickets/{one.id}/candidates?q=daniel").text
    assert "is of another customer, Daniel Okafor" in found
    assert "data-sure" not in client.get(f"/tickets/{one.id}/candidates?q=daniel&way=related").text
    assert "No other ticket" in client.get(f"/tickets/{one.id}/candidates?q=zzz").text
    assert client.get(f"/tickets/{one.id}/picker?way=elsewhere").status_code == 404


def test_a_merged_ticket_shows_where_it_went(client: FlaskClient, cast: Cast) -> None:
    one, two = cast.ticket("Bir"), cast.ticket("İki", text="İkinci sözler")
    sign_in(client, cast.burak)
    done = client.post(f"/tickets/{two.id}/merge", json={"into": one.id}).json
    assert done == {
        "open": one.id, "undo": f"/tickets/{one.id}/merges/1/undo", "back": two.id, "said": "#1002 was merged into #1001",
    }  # fmt: skip
    page = client.get(f"/tickets/{two.id}").text
    assert "Burak Öztürk merged this ticket into #1001." in page
    assert 'id="composer-' not in page
    assert "İkinci sözler" in client.get(f"/tickets/{one.id}").text
    assert "Merged into #1001" in client.get("/inbox/rows?view=closed").text
    answer = client.post(f"/tickets/{two.id}/replies", json={"text": "x"}, headers=JSON)
    assert (answer.status_code, answer.json["merged_into"] if answer.json else None) == (409, one.id)
    assert client.post(done["undo"]).status_code == 200
    assert 'id="composer-' in client.get(f"/tickets/{two.id}").text


def test_a_message_is_split_off_by_its_form(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    cast.receive(mail(subject=f"[#{ticket.id}]", text="Başka bir konu"))
    second = messages(ticket)[1].id
    sign_in(client, cast.burak)
    assert "Başka bir konu" in client.get(f"/tickets/{ticket.id}/messages/{second}/split").text
    done = client.post(f"/tickets/{ticket.id}/split", json={"message": second, "subject": "Tava"}).json
    assert "Başka bir konu" in client.get(f"/tickets/{done['open']}").text
    assert client.post(done["undo"]).json["said"] == f"Put back into #{ticket.id}"


def test_links_stand_in_the_context_and_a_parent_asks_before_it_is_closed(client: FlaskClient, cast: Cast) -> None:
    one, two = cast.ticket("Bir"), cast.ticket("İki")
    sign_in(client, cast.burak)
    done = client.post(f"/tickets/{one.id}/links", json={"ticket": two.id, "way": "child"}).json
    assert "Linked tickets" in client.get(f"/tickets/{two.id}/context").text
    assert "1 child ticket is still open" in client.get(f"/tickets/{one.id}/head").text
    assert client.post(done["undo"]).status_code == 200
    assert "Linked tickets" not in client.get(f"/tickets/{two.id}/context").text
    assert client.post(f"/tickets/{one.id}/links", json={"ticket": two.id, "way": "x"}, headers=JSON).status_code == 422
