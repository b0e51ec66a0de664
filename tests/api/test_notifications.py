"""Notifications and following over the API."""

from __future__ import annotations

from helpdesk import reactions
from tests.api.caller import Caller
from tests.cast import Cast


def test_an_agent_follows_is_told_and_reads(cast: Cast, burak: Caller, admin: Caller) -> None:
    number = cast.ticket().id
    assert burak.post(f"/tickets/{number}/followers").json["followers"] == [{"id": cast.burak.id, "name": "Burak Öztürk"}]
    admin.post(f"/tickets/{number}/notes", {"text": "Bakıyorum"})
    reactions.react()
    [told] = burak.get("/notifications").json["items"]
    assert (told["kind"], told["ticket"], told["actor"], told["read_at"]) == ("followed", number, "Ayşe Yılmaz", None)
    assert burak.post("/notifications/reading", {"id": told["id"]}).json == {"unread": 0}
    assert burak.send("DELETE", f"/tickets/{number}/followers", b"").status_code == 204
    assert burak.get(f"/tickets/{number}/followers").json["followers"] == []


def test_an_outsider_neither_follows_nor_is_told(cast: Cast, outsider: Caller) -> None:
    number = cast.ticket().id
    assert outsider.get(f"/tickets/{number}/followers").status_code == 404
    assert outsider.post(f"/tickets/{number}/followers").status_code == 404
    assert outsider.send("DELETE", f"/tickets/{number}/followers", b"").status_code == 404
    assert outsider.get("/notifications").json["items"] == []
