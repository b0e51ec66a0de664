"""Customers over the API."""

from __future__ import annotations

from typing import Any

import pytest

from helpdesk.customers.models import Customer
from helpdesk.extensions import db
from tests.api.caller import Caller
from tests.api.counting import queries
from tests.cast import DANIEL, Cast, mail

ADA = {
    "name": "Ada",
    "company": "Analytical",
    "language": "en",
    "time_zone": "Europe/Istanbul",
    "identities": [{"channel": "email", "address": "Ada@Mail.example", "verified": True}],
    "attributes": {"plan": "gold", "seats": 3},
    "preferences": {"newsletter": False},
}


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.json["items"]]


def test_a_customer_is_added_read_and_changed(burak: Caller) -> None:
    response = burak.post("/customers", ADA)
    assert response.status_code == 201, response.text
    made = response.json
    assert made["identities"] == [{"channel": "email", "address": "ada@mail.example", "verified": True}]
    assert {name: made[name] for name in ADA if name != "identities"} == {k: v for k, v in ADA.items() if k != "identities"}
    assert made["merged_into"] is None
    path = response.headers["Location"].partition("/api/v1")[2]
    assert burak.get(path).json == made
    changed = burak.patch(path, {"name": "Ada L.", "attributes": {}}).json
    assert (changed["name"], changed["attributes"], changed["company"]) == ("Ada L.", {}, "Analytical")
    assert changed["identities"] == made["identities"]
    assert changed["updated_at"] > made["updated_at"]


def test_identities_are_replaced_and_compared_in_their_normal_form(burak: Caller) -> None:
    path = f"/customers/{burak.post('/customers', ADA).json['id']}"
    wanted = [{"channel": "email", "address": "ADA@mail.example"}, {"channel": "email", "address": "b@mail.example"}]
    found = burak.patch(path, {"identities": wanted}).json["identities"]
    assert [(one["address"], one["verified"]) for one in found] == [("ada@mail.example", False), ("b@mail.example", False)]
    assert [one["address"] for one in burak.patch(path, {"identities": wanted[1:]}).json["identities"]] == ["b@mail.example"]
    assert names(burak.get("/customers", q="b@mail")) == ["Ada"]
    assert names(burak.get("/customers", address="ada@mail.example")) == []


def test_an_address_that_has_written_stays(cast: Cast, burak: Caller) -> None:
    customer_id = cast.ticket().customer_id
    response = burak.patch(f"/customers/{customer_id}", {"identities": []})
    assert response.status_code == 422
    assert "identities" in response.json["errors"]
    assert len(burak.get(f"/customers/{customer_id}").json["identities"]) == 1


def test_an_address_of_somebody_else_is_refused_and_says_whose(cast: Cast, burak: Caller, outsider: Caller) -> None:
    ticket = cast.ticket()
    taken = {"name": "X", "identities": [{"channel": "email", "address": "sukran@posta.example"}]}
    response = burak.post("/customers", taken)
    assert response.status_code == 409
    assert response.json["customer"] == ticket.customer_id
    assert "customer" not in outsider.post("/customers", taken).json
    assert db.session.query(Customer).count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "Ada", "language": "de"}, "language"),
        ({"name": "Ada", "time_zone": "Mars/Olympus"}, "time_zone"),
        ({"name": "Ada", "time_zone": "../../etc/passwd"}, "time_zone"),
        ({"identities": [{"channel": "fax", "address": "1"}]}, "identities.0.channel"),
        ({"identities": [{"channel": "email", "address": "nonsense"}]}, "identities.0.address"),
        ({"identities": [{"channel": "email"}]}, "identities.0.address"),
        ({"identities": "a@b.example"}, "identities"),
        ({"name": "Ada", "attributes": []}, "attributes"),
        ({"name": "Ada", "attributes": {"a": "\0"}}, "attributes"),
        ({"name": "Ada", "attributes": {"a": "\ud800"}}, "attributes"),
        ({"name": "Ada", "attributes": {"a": float("nan")}}, "attributes"),
        ({"name": "Ada", "attributes": {"a": "x" * 60_000}}, "attributes"),
        ({"name": "Ada", "id": 5}, "id"),
    ],
)
def test_a_customer_that_cannot_be_names_the_field(burak: Caller, wrong: dict[str, Any], field: str) -> None:
    response = burak.post("/customers", wrong)
    assert response.status_code == 422, response.text
    assert field in response.json["errors"]
    assert db.session.query(Customer).count() == 0


def test_an_agent_sees_customers_of_his_tickets_and_of_none(cast: Cast, burak: Caller, outsider: Caller) -> None:
    theirs = cast.ticket().customer_id
    burak.post("/customers", ADA)
    assert names(burak.get("/customers")) == ["Ada", "Şükran Işıldak"]
    assert names(outsider.get("/customers")) == ["Ada"]
    assert names(outsider.get("/customers", q="şükran")) == []
    assert names(outsider.get("/customers", address="sukran@posta.example")) == []
    assert outsider.get(f"/customers/{theirs}").status_code == 404
    assert outsider.patch(f"/customers/{theirs}", {"name": "X"}).status_code == 404
    assert outsider.post(f"/customers/{theirs}/merge", {"customer": theirs + 1}).status_code == 404
    assert outsider.post(f"/customers/{theirs + 1}/merge", {"customer": theirs}).status_code == 404


def test_customers_are_found_by_words_and_addresses(cast: Cast, burak: Caller) -> None:
    cast.ticket(), cast.ticket("Invoice", DANIEL)
    burak.post("/customers", ADA)
    assert names(burak.get("/customers", q="ISIL")) == ["Şükran Işıldak"]
    assert names(burak.get("/customers", q="analyt")) == ["Ada"]
    assert names(burak.get("/customers", address=" DANIEL@mail.example")) == ["Daniel Okafor"]
    page = burak.get("/customers", limit=2).json
    rest = burak.get("/customers", limit=2, cursor=page["next"]).json
    assert [one["name"] for one in page["items"] + rest["items"]] == ["Ada", "Daniel Okafor", "Şükran Işıldak"]
    assert rest["next"] is None


def test_a_page_takes_the_same_queries_however_long(cast: Cast, burak: Caller) -> None:
    cast.ticket()
    burak.get("/customers")
    with queries() as few:
        burak.get("/customers")
    for number in range(9):
        cast.receive(mail(subject=f"Mail {number}", sender=f"Somebody <a{number}@posta.example>"))
    with queries() as many:
        assert len(names(burak.get("/customers"))) == 10
    assert len(many) == len(few) <= 6, "\n".join(many)
