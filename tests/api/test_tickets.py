"""Tickets over the API: listing, opening, changing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk import clock, reactions
from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Entry, Ticket
from tests.api.caller import Caller
from tests.api.counting import queries
from tests.cast import DANIEL, Cast, mail

FIELDS = set(
    "number subject status priority channel inbox customer team assignee tags created_at updated_at first_response_at"
    " closed_at merged_into deadlines version".split()
)


def numbers(response: Any) -> list[int]:
    assert response.status_code == 200, response.text
    return [item["number"] for item in response.json["items"]]


def opening(cast: Cast, **more: Any) -> dict[str, Any]:
    who = {"name": "Şükran Işıldak", "address": "Sukran@Posta.example"}
    return {"subject": "Kapak yok", "text": "Merhaba", "inbox": cast.inbox.id, "customer": who, **more}


def test_a_ticket_has_every_field(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    found = burak.get(f"/tickets/{ticket.id}").json
    assert set(found) == FIELDS
    assert found["number"] == ticket.id
    assert found["subject"] == "Kapak yok"
    assert (found["status"], found["priority"], found["channel"]) == ("new", "normal", "email")
    assert found["inbox"] == {"id": cast.inbox.id, "name": "Lodos Ev Destek"}
    assert found["customer"]["name"] == "Şükran Işıldak"
    assert found["team"] == {"id": cast.destek.id, "name": "Destek"}
    assert found["assignee"] is None
    assert found["created_at"].endswith("Z")
    assert {deadline["kind"] for deadline in found["deadlines"]} == {"first_response", "resolution"}
    assert set(found["deadlines"][0]) == {"kind", "started_at", "due_at", "met", "ended_at"}
    assert burak.get("/tickets").json == {"items": [found], "next": None}


def test_an_outsider_sees_no_ticket(cast: Cast, outsider: Caller) -> None:
    ticket = cast.ticket()
    assert outsider.get(f"/tickets/{ticket.id}").status_code == 404
    assert outsider.patch(f"/tickets/{ticket.id}", {"status": "closed"}).status_code == 404
    for filters in ({}, {"q": "kapak"}, {"customer": ticket.customer_id}, {"team": "Destek"}, {"status": "new"}):
        assert numbers(outsider.get("/tickets", **filters)) == []


def test_a_list_goes_on_where_it_ended_whatever_arrives_meanwhile(cast: Cast, burak: Caller) -> None:
    for number in range(5):
        cast.receive(mail(subject=f"Mail {number}"))
    first = burak.get("/tickets", limit=2)
    cast.receive(mail(subject="Newer"))
    second = burak.get("/tickets", limit=2, cursor=first.json["next"])
    third = burak.get("/tickets", limit=2, cursor=second.json["next"])
    assert numbers(first) + numbers(second) + numbers(third) == [1005, 1004, 1003, 1002, 1001]
    assert third.json["next"] is None


def test_each_order_is_complete(cast: Cast, burak: Caller) -> None:
    for number in range(4):
        cast.receive(mail(subject=f"Mail {number}"))
    db.session.execute(update(Ticket).values(created_at=clock.now() - timedelta(days=1)))  # all at one instant
    db.session.execute(update(Ticket).where(Ticket.id == 1002).values(updated_at=clock.now() + timedelta(days=1)))
    db.session.commit()
    for sort, wanted in {
        "created_at": [1001, 1002, 1003, 1004],
        "-created_at": [1004, 1003, 1002, 1001],
        "-updated_at": [1002, 1004, 1003, 1001],
        "updated_at": [1001, 1003, 1004, 1002],
    }.items():
        found: list[int] = []
        cursor = None
        while cursor is not None or not found:
            page = burak.get("/tickets", sort=sort, limit=1, **({"cursor": cursor} if cursor else {}))
            found += numbers(page)
            cursor = page.json["next"]
        assert found == wanted, sort
    given = burak.get("/tickets", sort="created_at", limit=1).json["next"]
    assert burak.get("/tickets", sort="updated_at", cursor=given).status_code == 422


def test_filters_find_what_they_name(cast: Cast, burak: Caller) -> None:
    first, second = cast.ticket(), cast.ticket("Fatura", DANIEL, "Invoice please")
    actions.assign(cast.burak, second.id, cast.burak.id)
    actions.set_tags(cast.burak, second.id, ["fatura", "acele"])
    actions.set_priority(cast.burak, second.id, "urgent")
    actions.close(cast.burak, first.id)
    only_second = {
        "assignee": ["me", str(cast.burak.id), "burak@lodosev.example", "BURAK@lodosev.example"],
        "tag": ["fatura"],
        "priority": ["urgent", "high,urgent"],
        "status": ["new", "new,open,pending"],
        "customer": [str(second.customer_id)],
        "q": ["fatura", "FATURA", "fat", "daniel", "daniel@mail.example", str(second.id), f"#{second.id}", "okafor fatura"],
    }
    for name, values in only_second.items():
        for value in values:
            assert numbers(burak.get("/tickets", **{name: value})) == [second.id], (name, value)
    both = [second.id, first.id]
    for name, value in {"team": "Destek", "inbox": "destek@lodosev.example", "status": "new,closed", "q": " "}.items():
        assert numbers(burak.get("/tickets", **{name: value})) == both, name
    assert numbers(burak.get("/tickets", team=cast.destek.id, inbox=cast.inbox.id)) == both
    assert numbers(burak.get("/tickets", assignee="none")) == [first.id]
    assert numbers(burak.get("/tickets", status="closed", q="kapak")) == [first.id]


@pytest.mark.parametrize(
    "filters",
    [
        {"team": "Nobody"},
        {"team": "none"},
        {"assignee": "nobody@x.example"},
        {"assignee": "9223372036854775808"},
        {"inbox": "none"},
        {"tag": "x\\'"},
        {"customer": "77"},
        {"q": "yok böyle bir şey"},
        {"q": "' | a & ! ( <-> :* \\"},
        {"q": "9223372036854775808"},
    ],
)
def test_what_nothing_meets_is_an_empty_list(cast: Cast, burak: Caller, filters: dict[str, str]) -> None:
    cast.ticket()
    assert numbers(burak.get("/tickets", **filters)) == []


@pytest.mark.parametrize(
    "filters", [{"status": "lost"}, {"priority": "7"}, {"customer": "x"}, {"sort": "name"}, {"q": "a\0b"}, {"q": "x" * 301}]
)
def test_what_cannot_be_meant_is_refused(burak: Caller, filters: dict[str, str]) -> None:
    response = burak.get("/tickets", **filters)
    assert response.status_code == 422
    assert any(name.startswith(next(iter(filters))) for name in response.json["errors"])


def test_turkish_words_are_found_in_any_case(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket("IŞIK ve ışığı İade")
    for words in ("ışık", "ISIK", "Işık", "isik iade", "İADE", "ışıldak"):
        assert numbers(burak.get("/tickets", q=words)) == [ticket.id], words


def test_a_page_takes_the_same_queries_however_long(cast: Cast, burak: Caller) -> None:
    for number in range(2):
        cast.receive(mail(subject=f"Mail {number}", sender=f"Somebody <a{number}@posta.example>"))
    burak.get("/tickets")  # notes the token's use
    with queries() as few:
        burak.get("/tickets")
    for number in range(2, 12):
        cast.receive(mail(subject=f"Mail {number}", sender=f"Somebody <a{number}@posta.example>"))
    with queries() as many:
        assert len(numbers(burak.get("/tickets"))) == 12
    assert len(many) == len(few) <= 8, "\n".join(many)


def test_a_ticket_is_opened_for_a_stranger(cast: Cast, burak: Caller) -> None:
    response = burak.post("/tickets", opening(cast, priority="high", tags=["#vip", "vip"], assignee="me"))
    assert response.status_code == 201, response.text
    made = response.json
    assert response.headers["Location"].endswith(f"/api/v1/tickets/{made['number']}")
    assert made["customer"]["name"] == "Şükran Işıldak"
    assert (made["priority"], made["tags"], made["assignee"]["id"]) == ("high", ["vip"], cast.burak.id)
    customer = burak.get(f"/customers/{made['customer']['id']}").json
    assert customer["identities"] == [{"channel": "email", "address": "sukran@posta.example", "verified": False}]
    entry = burak.get(f"/tickets/{made['number']}/timeline", sort="id").json["items"][0]
    assert entry["actor"] == {"kind": "customer", "id": customer["id"], "name": "Şükran Işıldak"}
    assert (entry["data"]["direction"], entry["data"]["text"]) == ("inbound", "Merhaba")
    assert entry["data"]["entered_by"] == {"id": cast.burak.id, "name": "Burak Öztürk"}


def test_an_opened_ticket_is_reacted_to_and_answered_as_any_other(cast: Cast, burak: Caller) -> None:
    number = burak.post("/tickets", opening(cast)).json["number"]
    reactions.react()
    assert {one["kind"] for one in burak.get(f"/tickets/{number}").json["deadlines"]} == {"first_response", "resolution"}
    assert burak.post(f"/tickets/{number}/replies", {"text": "Hello"}).status_code == 201
    cast.receive(mail(subject=f"Re: [#{number}]", text="Thanks"))
    assert numbers(burak.get("/tickets")) == [number]


def test_a_ticket_is_opened_for_a_customer_we_know(cast: Cast, burak: Caller) -> None:
    known = cast.ticket().customer_id
    made = burak.post("/tickets", opening(cast, customer={"id": known}, html="<p>Hello <b>you</b></p>", text="")).json
    assert made["customer"]["id"] == known
    data = burak.get(f"/tickets/{made['number']}/timeline").json["items"][-1]["data"]
    assert (data["text"], data["html"]) == ("Hello you", "<p>Hello <b>you</b></p>")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "\n \t"}, "subject"),
        ({"subject": "a\0b"}, "subject"),
        ({"subject": "\ud800"}, "subject"),
        ({"text": "  "}, "text"),
        ({"text": 5}, "text"),
        ({"customer": {}}, "customer"),
        ({"customer": {"id": 77}}, "customer"),
        ({"customer": {"id": True}}, "customer.id"),
        ({"customer": {"id": 1, "address": "a@b.example"}}, "customer"),
        ({"customer": {"address": "nonsense"}}, "customer.address"),
        ({"customer": {"address": "destek@lodosev.example"}}, "customer.address"),
        ({"customer": "Şükran"}, "customer"),
        ({"inbox": 77}, "inbox"),
        ({"inbox": None}, "inbox"),
        ({"inbox": [1]}, "inbox"),
        ({"team": "Nobody"}, "team"),
        ({"team": "Muhasebe"}, "team"),
        ({"assignee": "oya@lodosev.example"}, "assignee"),
        ({"assignee": 2**63}, "assignee"),
        ({"priority": "huge"}, "priority"),
        ({"tags": [str(number) for number in range(31)]}, "tags"),
        ({"tags": "vip"}, "tags"),
    ],
)
def test_a_ticket_that_cannot_be_opened_names_the_field(
    cast: Cast, burak: Caller, wrong: dict[str, Any], field: str
) -> None:
    response = burak.post("/tickets", opening(cast, **wrong))
    assert response.status_code == 422, response.text
    assert field in response.json["errors"]
    assert db.session.scalar(select(Ticket.id)) is None


def test_an_outsider_opens_nothing_in_an_inbox_of_another_team(cast: Cast, outsider: Caller) -> None:
    assert "inbox" in outsider.post("/tickets", opening(cast)).json["errors"]


def test_several_things_change_at_once_or_not_at_all(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    change = {"status": "pending", "priority": "low", "tags": ["a"], "subject": "Anders", "assignee": "me"}
    changed = burak.patch(f"/tickets/{ticket.id}", change).json
    assert {name: changed[name] for name in change if name != "assignee"} | {"assignee": "me"} == change
    assert changed["assignee"]["id"] == cast.burak.id
    refused = burak.patch(f"/tickets/{ticket.id}", {"tags": [], "subject": " ", "status": "open"})
    assert refused.status_code == 422
    assert "subject" in refused.json["errors"]
    assert burak.get(f"/tickets/{ticket.id}").json == changed
    assert burak.patch(f"/tickets/{ticket.id}", {"assignee": None}).json["assignee"] is None


def test_what_was_read_can_be_written_back(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    found = burak.get(f"/tickets/{ticket.id}").json
    same = {name: found[name] for name in ("subject", "status", "priority", "team", "assignee", "tags", "version")}
    assert burak.patch(f"/tickets/{ticket.id}", same).json == found


def test_a_ticket_can_be_given_out_of_sight(cast: Cast, burak: Caller, outsider: Caller) -> None:
    ticket = cast.ticket()
    assert burak.patch(f"/tickets/{ticket.id}", {"team": "Muhasebe"}).json["team"]["name"] == "Muhasebe"
    assert burak.get(f"/tickets/{ticket.id}").status_code == 404
    assert outsider.get(f"/tickets/{ticket.id}").status_code == 200


def test_a_change_for_an_older_version_is_refused(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    version = burak.get(f"/tickets/{ticket.id}").json["version"]
    assert burak.patch(f"/tickets/{ticket.id}", {"status": "open", "version": version}).status_code == 200
    late = burak.patch(f"/tickets/{ticket.id}", {"status": "closed", "version": version})
    assert late.status_code == 409
    assert late.json["type"] == "urn:temas:problem:stale_change"
    assert late.json["version"] > version
    assert burak.get(f"/tickets/{ticket.id}").json["status"] == "open"


def test_of_two_changes_for_one_version_one_is_made(app: Flask, cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    number, version = ticket.id, ticket.version
    db.session.commit()
    start, answers = threading.Barrier(4), []

    def change(priority: str) -> None:
        start.wait()
        answers.append(burak.patch(f"/tickets/{number}", {"priority": priority, "version": version}).status_code)

    threads = [threading.Thread(target=change, args=(name,)) for name in ("low", "high", "urgent", "low")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]
    assert len(db.session.scalars(select(Entry).where(Entry.kind == "priority")).all()) == 1
