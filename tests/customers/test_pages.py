"""The pages of customers: what an agent sees of one, changing him, merging two."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from helpdesk import reactions
from helpdesk.customers.models import Customer, CustomerMerge
from helpdesk.extensions import db
from helpdesk.surveys import answer, tokens
from helpdesk.surveys.models import Invitation
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import DANIEL, Cast, sign_in


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A ticket with a message, a reply, a note, a close, and an answered survey."""
    ticket = cast.ticket()
    reply.note(cast.burak, ticket.id, Writing(text="Depo bakıyor"))
    reply.reply(cast.burak, ticket.id, Writing(text="Kapak yolda"), close=True, undo_seconds=0)
    reactions.react()
    token = tokens.make(db.session.query(Invitation).one().id)
    answer.score(token, 2)
    answer.comment(token, "Yine olmadı")
    return ticket


@pytest.fixture
def burak(client: FlaskClient, cast: Cast) -> FlaskClient:
    sign_in(client, cast.burak)
    return client


def test_the_timeline_has_every_kind_with_its_count(burak: FlaskClient, ticket: Ticket) -> None:
    page = burak.get(f"/customers/{ticket.customer_id}?lang=en").text
    for words in ("kapak çıkmadı", "Depo bakıyor", "Kapak yolda", "Yine olmadı", "closed the ticket", f"#{ticket.id}"):
        assert words in page
    assert 'Messages <span class="num">2</span>' in page
    assert 'Notes <span class="num">1</span>' in page
    assert 'Surveys <span class="num">2</span>' in page


@pytest.mark.parametrize(("kind", "shown", "hidden"), [
    ("messages", "Kapak yolda", "Depo bakıyor"), ("notes", "Depo bakıyor", "Yine olmadı"),
    ("surveys", "Yine olmadı", "kapak çıkmadı"), ("changes", "closed the ticket", "Depo bakıyor"),
    ("nonsense", "Depo bakıyor", "no such words"),
])  # fmt: skip
def test_the_timeline_is_filtered_by_kind(burak: FlaskClient, ticket: Ticket, kind: str, shown: str, hidden: str) -> None:
    page = burak.get(f"/customers/{ticket.customer_id}?lang=en&kind={kind}").text
    life = page.split('class="life"')[1].split("<aside")[0]
    assert shown in life and hidden not in life


def test_an_outsider_finds_no_such_customer_anywhere(client: FlaskClient, cast: Cast, ticket: Ticket) -> None:
    number = ticket.customer_id
    urls = (f"/customers/{number}", f"/customers/{number}/edit", f"/customers/{number}/merge")
    for url in (*urls, "/customers"):
        assert client.get(url).status_code == 302
    sign_in(client, cast.outsider)
    for url in urls:
        assert client.get(url).status_code == 404
    for url in (f"/customers/{number}", f"/customers/{number}/identities", f"/customers/{number}/merge"):
        assert client.post(url, data={"other": "999"}).status_code == 404
    assert client.post("/customers/merges/1/undo").status_code == 404
    assert "Işıldak" not in client.get("/customers").text


def test_only_entries_of_visible_tickets_are_shown_and_counted(client: FlaskClient, cast: Cast, ticket: Ticket) -> None:
    other = cast.ticket(subject="Fatura", text="Fatura nerede")
    actions.set_team(cast.ayse, other.id, cast.muhasebe.id)
    sign_in(client, cast.outsider)
    page = client.get(f"/customers/{ticket.customer_id}?lang=en").text
    assert "Fatura nerede" in page
    for words in ("Kapak yolda", "Depo bakıyor", "Yine olmadı", f"#{ticket.id}", "Satisfaction"):
        assert words not in page
    assert 'Messages <span class="num">1</span>' in page


def test_the_list_is_searched_in_both_alphabets(burak: FlaskClient, cast: Cast, ticket: Ticket) -> None:
    cast.ticket(subject="Lid", sender=DANIEL)
    assert "Daniel" in burak.get("/customers").text
    for words in ("isildak", "IŞILDAK", "sukran@posta.example"):
        page = burak.get("/customers", query_string={"q": words}).text
        assert "Şükran Işıldak" in page and "Daniel" not in page
    assert "Nobody found" in burak.get("/customers?q=nobody&lang=en").text


def test_facts_are_edited_in_place(burak: FlaskClient, ticket: Ticket) -> None:
    customer = ticket.customer
    customer.attributes = {"Segment": "Sadık", "orders": 14, "old": "x"}
    db.session.commit()
    assert 'value="Segment"' in burak.get(f"/customers/{customer.id}/edit").text
    data = {
        "name": "Şükran I.", "company": "Lodos", "language": "tr",
        "attribute_name": ["Segment", "orders", "", "İzin"], "attribute_value": ["VIP", "14", "x", "E-posta"],
    }  # fmt: skip
    assert burak.post(f"/customers/{customer.id}", data=data).status_code == 303
    db.session.expire_all()
    assert (customer.name, customer.company, customer.language) == ("Şükran I.", "Lodos", "tr")
    assert customer.attributes == {"Segment": "VIP", "orders": 14, "İzin": "E-posta"}


def test_a_refused_address_is_kept_with_its_reason(burak: FlaskClient, cast: Cast, ticket: Ticket) -> None:
    cast.ticket(subject="Lid", sender=DANIEL)
    url = f"/customers/{ticket.customer_id}/identities"
    for address, status in (("no address", 422), ("daniel@mail.example", 409)):
        refused = burak.post(url, data={"channel": "email", "address": address})
        assert refused.status_code == status
        assert f'value="{address}"' in refused.text and 'id="address-error"' in refused.text
    assert burak.post(url, data={"channel": "email", "address": "Sukran@is.example"}).status_code == 303
    db.session.expire_all()
    assert [one.address for one in ticket.customer.identities] == ["sukran@posta.example", "sukran@is.example"]


def test_two_customers_are_merged_and_two_again(burak: FlaskClient, cast: Cast, ticket: Ticket) -> None:
    other = cast.ticket(subject="Lid", sender=DANIEL, text="The lid is missing").customer_id
    kept = ticket.customer_id
    assert "Daniel Okafor" in burak.get(f"/customers/{kept}/merge?q=daniel").text
    assert burak.post(f"/customers/{kept}/merge", data={"other": str(other)}).status_code == 303
    page = burak.get(f"/customers/{kept}?lang=en").text
    assert "was merged into this customer" in page and "The lid is missing" in page and "daniel@mail.example" in page
    assert burak.get(f"/customers/{other}").location.endswith(f"/customers/{kept}")
    merge = db.session.query(CustomerMerge).one()
    assert burak.post(f"/customers/merges/{merge.id}/undo").status_code == 303
    assert "The lid is missing" not in burak.get(f"/customers/{kept}").text
    assert burak.get(f"/customers/{other}").status_code == 200


def test_a_merge_with_himself_or_nobody_is_refused(burak: FlaskClient, ticket: Ticket) -> None:
    url = f"/customers/{ticket.customer_id}/merge"
    assert burak.post(url, data={"other": str(ticket.customer_id)}).status_code == 422
    assert burak.post(url, data={"other": "abc"}).status_code == 404


def test_a_customer_without_anything_has_a_page(client: FlaskClient, cast: Cast) -> None:
    customer = Customer(name="", company="", attributes={}, preferences={})
    db.session.add(customer)
    db.session.commit()
    sign_in(client, cast.outsider)
    assert "Nothing here yet" in client.get(f"/customers/{customer.id}?lang=en").text
