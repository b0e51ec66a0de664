"""Suspended mail over the API."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets.incoming.suspended_models import Suspension
from tests.api.caller import Caller
from tests.cast import Cast, mail

FORGED = "mx.lodosev.example; dmarc=fail (p=quarantine) header.from=posta.example"


@pytest.fixture
def held(cast: Cast) -> int:
    inboxes.change(cast.inbox, {}, {"auth_server": "mx.lodosev.example"})
    cast.receive(mail(subject="Acil ödeme", Authentication_Results=FORGED))
    return db.session.scalars(select(Suspension.id)).one()


def test_suspended_mail_is_listed_rejected_reconsidered_and_let_in(burak: Caller, held: int) -> None:
    [item] = burak.get("/suspended").json["items"]
    assert (item["reason"], item["sender"], item["decision"], item["ticket"]) == (
        "policy",
        "sukran@posta.example",
        None,
        None,
    )
    path = f"/suspended/{held}"
    assert burak.post(f"{path}/rejection", {"block": True}).json["decision"] == "rejected"
    assert burak.post(f"{path}/rejection", {}).status_code == 409
    assert burak.get("/suspended").json["items"] == []
    assert [one["id"] for one in burak.get("/suspended", decided="true").json["items"]] == [held]
    assert burak.post(f"{path}/rejection/undo").json["decision"] is None
    let_in = burak.post(f"{path}/acceptance").json
    assert burak.get(f"/tickets/{let_in['ticket']}").json["subject"] == "Acil ödeme"


def test_an_outsider_neither_sees_nor_decides(outsider: Caller, held: int) -> None:
    assert outsider.get("/suspended").json["items"] == []
    assert outsider.get(f"/suspended/{held}").status_code == 404
    assert {outsider.post(f"/suspended/{held}/{verb}").status_code for verb in ("acceptance", "rejection/undo")} == {404}
    assert outsider.post(f"/suspended/{held}/rejection", {}).status_code == 404
