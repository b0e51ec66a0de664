"""Timelines, replies, notes and attachments over the API."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import select

from helpdesk.extensions import db
from helpdesk.tickets.models import Delivery, Entry
from tests.api.caller import Caller
from tests.api.counting import queries
from tests.cast import DANIEL, Cast, mail


def last_entry(caller: Caller, number: int) -> int:
    found: int = caller.get(f"/tickets/{number}/timeline", limit=1).json["items"][0]["id"]
    return found


def test_an_entry_says_who_what_and_when(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    entry = burak.get(f"/tickets/{ticket.id}/timeline").json["items"][0]
    assert set(entry) == {"id", "kind", "occurred_at", "actor", "ticket", "channel", "data"}
    assert (entry["kind"], entry["ticket"], entry["channel"]) == ("message", ticket.id, "email")
    assert entry["actor"] == {"kind": "customer", "id": ticket.customer_id, "name": "Şükran Işıldak"}
    data = entry["data"]
    assert (data["direction"], data["text"].strip(), data["html"]) == ("inbound", "Merhaba, kapak çıkmadı.", "")
    assert data["attachments"] == []
    assert data["delivery"] is None
    assert data["from"] == {"address": "sukran@posta.example", "name": "Şükran Işıldak"}


def test_a_timeline_is_read_in_both_directions(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    for number in range(4):
        burak.post(f"/tickets/{ticket.id}/notes", {"text": f"Note {number}"})
    path = f"/tickets/{ticket.id}/timeline"
    newest = burak.get(path).json["items"]
    assert [entry["id"] for entry in newest] == sorted((entry["id"] for entry in newest), reverse=True)
    first = burak.get(path, sort="id", limit=2).json
    rest = burak.get(path, sort="id", cursor=first["next"]).json
    assert first["items"] + rest["items"] == newest[::-1]


def test_a_reply_goes_out_and_is_held_for_the_undo_time(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    response = burak.post(f"/tickets/{ticket.id}/replies", {"html": "<p>Yeni kapak <b>yolda</b>.</p>", "undo_seconds": 60})
    assert response.status_code == 201, response.text
    entry = response.json
    assert entry["actor"] == {"kind": "agent", "id": cast.burak.id, "name": "Burak Öztürk"}
    assert (entry["data"]["direction"], entry["data"]["text"]) == ("outbound", "Yeni kapak yolda.")
    assert entry["data"]["delivery"]["status"] == "queued"
    assert [one["address"] for one in entry["data"]["delivery"]["recipients"]] == ["sukran@posta.example"]
    delivery = db.session.scalars(select(Delivery)).one()
    assert 50 < (delivery.next_attempt_at - delivery.created_at).total_seconds() < 70
    shown = burak.get(f"/tickets/{ticket.id}").json
    assert (shown["status"], shown["assignee"]["id"]) == ("open", cast.burak.id)
    assert shown["first_response_at"] is not None


def test_a_reply_can_close_and_name_who_is_on_copy(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    body = {"text": "Bitti.", "close": True, "cc": ["Ali@Posta.example"]}
    data = burak.post(f"/tickets/{ticket.id}/replies", body).json["data"]
    assert [person["address"] for person in data["cc"]] == ["ali@posta.example"]
    shown = burak.get(f"/tickets/{ticket.id}").json
    assert shown["status"] == "closed"
    assert shown["closed_at"] is not None


def test_a_stale_reply_is_refused_with_what_was_missed(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    seen = last_entry(burak, ticket.id)
    cast.receive(mail(subject=f"Re: [#{ticket.id}]", text="One more thing"))
    response = burak.post(f"/tickets/{ticket.id}/replies", {"text": "Hello", "seen_entry": seen})
    assert response.status_code == 409
    assert response.json["type"] == "urn:temas:problem:stale_reply"
    assert [entry["data"]["text"].strip() for entry in response.json["entries"]] == ["One more thing"]
    assert db.session.scalar(select(Delivery.id)) is None
    seen = last_entry(burak, ticket.id)
    assert burak.post(f"/tickets/{ticket.id}/replies", {"text": "Hello", "seen_entry": seen}).status_code == 201


def test_a_note_stays_inside(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    entry = burak.post(f"/tickets/{ticket.id}/notes", {"text": "Dikkat"}).json
    assert (entry["data"]["direction"], entry["data"]["delivery"]) == ("note", None)
    assert db.session.scalar(select(Delivery.id)) is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " "}, "text"),
        ({"html": "<p></p>"}, "text"),
        ({"text": "x", "cc": ["nonsense"]}, "cc"),
        ({"text": "x", "cc": "a@b.example"}, "cc"),
        ({"text": "x", "attachments": [77]}, "uploads"),
        ({"text": "x", "close": "perhaps"}, "close"),
        ({"text": "x", "seen_entry": "x"}, "seen_entry"),
        ({"text": "x", "undo_seconds": 301}, "undo_seconds"),
        ({"text": "x", "undo_seconds": -1}, "undo_seconds"),
        ({"text": "a\0b"}, "text"),
    ],
)
def test_a_reply_that_cannot_be_sent_names_the_field(cast: Cast, burak: Caller, body: object, field: str) -> None:
    ticket = cast.ticket()
    response = burak.post(f"/tickets/{ticket.id}/replies", body)
    assert response.status_code == 422
    assert field in response.json["errors"]
    assert len(db.session.scalars(select(Entry)).all()) == 1


def test_an_outsider_reads_and_writes_nothing(cast: Cast, outsider: Caller) -> None:
    ticket = cast.ticket()
    assert outsider.get(f"/tickets/{ticket.id}/timeline").status_code == 404
    assert outsider.post(f"/tickets/{ticket.id}/replies", {"text": "x"}).status_code == 404
    assert outsider.post(f"/tickets/{ticket.id}/notes", {"text": "x"}).status_code == 404
    assert outsider.get(f"/customers/{ticket.customer_id}/timeline").status_code == 404


def test_an_attachment_is_saved_as_it_came(cast: Cast, burak: Caller, outsider: Caller) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = DANIEL, "destek@lodosev.example", "Photo"
    message.set_content("See photo")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="fotoğraf.html")
    cast.receive(message.as_bytes())
    file = burak.get("/tickets/1001/timeline").json["items"][-1]["data"]["attachments"][0]
    assert (file["filename"], file["size"], file["inline"]) == ("fotoğraf.html", 8, False)
    path = file["url"].removeprefix("/api/v1")
    response = burak.get(path)
    assert response.data == b"<script>"
    assert response.mimetype == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert outsider.get(path).status_code == 404


def test_a_customers_timeline_spans_his_tickets(cast: Cast, burak: Caller, outsider: Caller) -> None:
    first, second = cast.ticket(), cast.ticket("İkinci")
    path = f"/customers/{first.customer_id}/timeline"
    assert [entry["ticket"] for entry in burak.get(path).json["items"]] == [second.id, first.id]
    burak.patch(f"/tickets/{second.id}", {"team": "Muhasebe"})
    assert {entry["ticket"] for entry in burak.get(path).json["items"]} == {first.id}
    assert {entry["ticket"] for entry in outsider.get(path).json["items"]} == {second.id}


def test_a_timeline_takes_the_same_queries_however_long(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    burak.post(f"/tickets/{ticket.id}/replies", {"text": "Hello"})
    for path in (f"/tickets/{ticket.id}/timeline", f"/customers/{ticket.customer_id}/timeline"):
        with queries() as few:
            burak.get(path)
        for number in range(5):
            burak.post(f"/tickets/{ticket.id}/replies", {"text": f"Hello {number}"})
        with queries() as many:
            burak.get(path)
        assert len(many) == len(few) <= 12, "\n".join(many)


def test_recipients_are_chosen_and_hidden_copies_told_to_agents_alone(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    body = {"text": "Merhaba", "to": ["Ali <ali@posta.example>"], "cc": [], "bcc": ["daniel@mail.example"]}
    data = burak.post(f"/tickets/{ticket.id}/replies", body).json["data"]
    assert (data["to"], data["cc"]) == ([{"address": "ali@posta.example", "name": "Ali"}], [])
    assert data["bcc"] == [{"address": "daniel@mail.example", "name": ""}]
    refused = burak.post(f"/tickets/{ticket.id}/replies", {"text": "x", "bcc": ["destek@lodosev.example"]})
    assert refused.status_code == 422 and list(refused.json["errors"]) == ["bcc"]


def test_a_third_party_is_asked_and_answered_beside_the_ticket(cast: Cast, burak: Caller) -> None:
    ticket = cast.ticket()
    path = f"/tickets/{ticket.id}/side-conversations"
    body = {"subject": "Kapak", "to": ["tedarik@supplier.example"], "text": "Var mı?", "forward": 1, "undo_seconds": 0}
    entry = burak.post(path, body).json
    assert (entry["kind"], entry["data"]["side_conversation"], entry["data"]["quoted"]) == ("side_message", 1, [1])
    cast.receive(mail(sender="tedarik@supplier.example", in_reply_to=f"<{entry['data']['message_id']}>", text="Var."))
    newest = burak.get(f"/tickets/{ticket.id}/timeline").json["items"][0]
    assert newest["actor"] == {"kind": "third_party", "id": None, "name": "tedarik@supplier.example"}
    again = burak.post(f"{path}/1/replies", {"text": "Gönderin."})
    assert again.json["data"]["to"] == [{"address": "tedarik@supplier.example", "name": ""}]
    [listed] = burak.get(path).json["items"]
    assert (listed["subject"], listed["ticket"], listed["people"][0]["address"]) == (
        "Kapak",
        ticket.id,
        "tedarik@supplier.example",
    )
