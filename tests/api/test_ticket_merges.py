"""Merging, splitting and linking by programs."""

from __future__ import annotations

from tests.api.caller import Caller
from tests.cast import Cast, mail, messages


def test_a_program_merges_and_undoes(burak: Caller, outsider: Caller, cast: Cast) -> None:
    kept, merged = cast.ticket("Bir").id, cast.ticket("İki").id
    assert outsider.post(f"/tickets/{merged}/merge", {"into": kept}).status_code == 404
    made = burak.post(f"/tickets/{merged}/merge", {"into": kept})
    assert made.status_code == 201
    assert {name: made.json[name] for name in ("kept", "merged", "undone_at")} == {
        "kept": kept, "merged": merged, "undone_at": None,
    }  # fmt: skip
    assert burak.get(f"/tickets/{merged}").json["merged_into"] == kept
    refused = burak.post(f"/tickets/{merged}/notes", {"text": "x"})
    assert (refused.status_code, refused.json["merged_into"]) == (409, kept)
    assert burak.post(f"/tickets/{kept}/merge", {"into": kept}).json["errors"]["into"]
    assert outsider.post(f"/ticket-merges/{made.json['id']}/undo").status_code == 404
    assert burak.post(f"/ticket-merges/{made.json['id']}/undo").json["undone_at"]
    assert burak.post(f"/ticket-merges/{made.json['id']}/undo").status_code == 409
    assert burak.get(f"/tickets/{merged}").json["merged_into"] is None


def test_a_program_splits_and_undoes(burak: Caller, outsider: Caller, cast: Cast) -> None:
    ticket = cast.ticket()
    cast.receive(mail(subject=f"[#{ticket.id}]", text="Başka konu"))
    body = {"message": messages(ticket)[1].id, "subject": "Tava"}
    assert outsider.post(f"/tickets/{ticket.id}/split", body).status_code == 404
    done = burak.post(f"/tickets/{ticket.id}/split", body)
    assert done.status_code == 201
    assert burak.get(f"/tickets/{done.json['ticket']}").json["subject"] == "Tava"
    assert burak.post(f"/ticket-splits/{done.json['id']}/undo").json["undone_at"]


def test_a_program_links_and_removes_the_link(burak: Caller, outsider: Caller, cast: Cast) -> None:
    one, two = cast.ticket("Bir").id, cast.ticket("İki").id
    made = burak.post(f"/tickets/{one}/links", {"ticket": two, "way": "parent"})
    assert made.json == {
        "id": made.json["id"], "way": "parent", "ticket": {"number": two, "subject": "İki", "status": "new"},
    }  # fmt: skip
    assert burak.get(f"/tickets/{two}/links").json["items"][0]["way"] == "child"
    assert burak.post(f"/tickets/{two}/links", {"ticket": one}).status_code == 409
    assert outsider.get(f"/tickets/{two}/links").status_code == 404
    assert burak.post(f"/ticket-links/{made.json['id']}/undo").status_code == 201
    assert burak.get(f"/tickets/{one}/links").json["items"] == []
