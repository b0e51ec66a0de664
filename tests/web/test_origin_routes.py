"""Details and source of a message, offers, and the screen of suspended mail."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets.incoming.suspended_models import BlockedSender, Suspension
from helpdesk.tickets.models import Entry, Message, Ticket
from helpdesk.tickets.outgoing import side
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import Cast, mail, messages, sign_in

FORGED = "mx.lodosev.example; dmarc=fail (p=reject) header.from=posta.example"
SECOND = "Şükran Işıldak <sukran@is.example>"


@pytest.fixture
def held(cast: Cast) -> Suspension:
    """A mail that our own server calls forged."""
    inboxes.change(cast.inbox, {}, {"auth_server": "mx.lodosev.example"})
    cast.receive(mail(subject="Acil ödeme", text="IBAN değişti.", Authentication_Results=FORGED))
    return db.session.scalars(select(Suspension)).one()


def tickets() -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def test_a_message_says_why_it_is_here_and_shows_its_source(client: FlaskClient, cast: Cast) -> None:
    cast.receive(mail(subject="Kapak", message_id="<one@posta.example>", references="<a@x.example> <b@x.example>"))
    message = db.session.scalars(select(Message)).one()
    sign_in(client, cast.burak)
    url = f"/tickets/{message.ticket_id}/messages/{message.id}"
    assert f'src="{url}/details"' in client.get(f"/tickets/{message.ticket_id}").text
    details = client.get(f"{url}/details").text
    for said in ("It points to no ticket that we know", "one@posta.example", "b@x.example", "Lodos Ev Destek", "1:1"):
        assert said in details
    source = client.get(f"{url}/source")
    assert (source.mimetype, source.headers["X-Content-Type-Options"]) == ("text/plain", "nosniff")
    assert "sandbox" in source.headers["Content-Security-Policy"]
    assert "Message-ID: <one@posta.example>" in source.text
    saved = client.get(f"{url}/source.eml")
    assert saved.data == message_bytes(message)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved.headers["Content-Security-Policy"]


def message_bytes(message: Message) -> bytes:
    return bytes(
        db.session.execute(db.text("select raw from received where id = :id"), {"id": message.received_id}).scalar_one()
    )


def test_markup_in_a_header_stays_text(client: FlaskClient, cast: Cast) -> None:
    cast.receive(mail(references="<<script>alert(1)</script>@x>", Delivered_To="<img/src=x/onerror=alert(1)>@x.example"))
    message = db.session.scalars(select(Message)).one()
    sign_in(client, cast.burak)
    details = client.get(f"/tickets/{message.ticket_id}/messages/{message.id}/details").text
    assert "<script>alert" not in details
    assert "<img" not in details


def test_what_was_written_here_has_no_source(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Merhaba"), undo_seconds=0)
    sign_in(client, cast.burak)
    assert client.get(f"/tickets/{ticket.id}/messages/{entry.message_id}/source").status_code == 404


def test_an_outsider_sees_neither_details_nor_source_nor_offers(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    first = reply(cast.burak, ticket.id, Writing(text="Merhaba"), undo_seconds=0)
    cast.receive(mail(sender=SECOND, in_reply_to=f"<{first.message.message_id}>"))
    offer = db.session.scalars(select(Entry).where(Entry.kind == "offer")).one()
    sign_in(client, cast.outsider)
    url = f"/tickets/{ticket.id}"
    paths = [f"{url}/messages/{messages(ticket)[0].id}/{part}" for part in ("details", "source", "source.eml")]
    assert {client.get(path).status_code for path in paths} == {404}
    assert client.put(f"{url}/offers/{offer.id}", json={"answer": "accepted"}).status_code == 404


def test_an_offer_is_decided_by_a_button_and_taken_back(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    first = reply(cast.burak, ticket.id, Writing(text="Merhaba"), undo_seconds=0)
    cast.receive(mail(sender=SECOND, in_reply_to=f"<{first.message.message_id}>"))
    offer = db.session.scalars(select(Entry).where(Entry.kind == "offer")).one()
    sign_in(client, cast.burak)
    url = f"/tickets/{offer.ticket_id}/offers/{offer.id}"
    assert "this may be a second address" in client.get(f"/tickets/{offer.ticket_id}").text
    assert client.put(url, json={"answer": "maybe"}).status_code == 422
    assert client.put(url, json={"answer": "accepted"}).status_code == 200
    assert client.put(url, json={"answer": "accepted"}).status_code == 409
    assert client.put(url, json={"answer": "open"}).status_code == 200
    page = client.get(f"/tickets/{offer.ticket_id}").text
    assert "took the decision on" in page


def test_a_doubted_sender_is_marked_on_message_and_row(client: FlaskClient, cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"auth_server": "mx.lodosev.example"})
    cast.receive(mail(Authentication_Results=FORGED.replace("reject", "none")))
    sign_in(client, cast.burak)
    page = client.get("/inbox?ticket=1001").text
    assert page.count("Sender not verified") >= 2
    assert "could not verify this address" in page


def test_a_doubted_third_party_is_marked_as_well(client: FlaskClient, cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"auth_server": "mx.lodosev.example"})
    supplier, forged = "tedarik@supplier.example", "mx.lodosev.example; dmarc=fail (p=reject) header.from=supplier.example"
    opening = side.Opening("Kapak", Writing(text="Var mı?"), Chosen(to=[supplier]))
    ours = side.begin(cast.burak, cast.ticket().id, opening, undo_seconds=0).message
    assert ours is not None
    cast.receive(mail(sender=supplier, in_reply_to=f"<{ours.message_id}>", Authentication_Results=forged))
    sign_in(client, cast.burak)
    page = client.get("/tickets/1001").text
    assert "Sender not verified" in page and "could not verify this address" in page


def test_suspended_mail_is_let_in_as_if_it_came_now(client: FlaskClient, cast: Cast, held: Suspension) -> None:
    sign_in(client, cast.burak)
    assert client.get("/inbox/counts").json == {
        "counts": {"open": "0", "unassigned": "0", "mine": "0", "late": "0", "suspended": "1"}
    }
    assert "Nothing decided yet" in client.get("/suspended?which=decided").text
    shown = client.get(f"/suspended/{held.id}").text
    for said in ("Acil ödeme", "IBAN değişti.", "asks to refuse forged mail", "dmarc=fail"):
        assert said in shown
    answer = client.post(f"/suspended/{held.id}/acceptance")
    assert (answer.status_code, answer.location) == (303, "/tickets/1001")
    ticket = db.session.get_one(Ticket, 1001)
    assert (ticket.customer.name, ticket.doubted, messages(ticket)[0].origin["vouched"]) == ("Şükran Işıldak", False, True)
    assert client.post(f"/suspended/{held.id}/acceptance").status_code == 409
    assert tickets() == 1


def test_a_blocked_sender_is_rejected_as_he_comes_until_that_is_undone(
    client: FlaskClient, cast: Cast, held: Suspension
) -> None:
    sign_in(client, cast.burak)
    client.post(f"/suspended/{held.id}/rejection", data={"block": "1"})
    cast.receive(mail(subject="Yine ben"))
    assert [one.decision for one in db.session.scalars(select(Suspension))] == ["rejected", "rejected"]
    assert "Yine ben" in client.get("/suspended?which=decided").text
    cast.receive(mail(subject="Gerçekten ben", Authentication_Results=FORGED.replace("fail", "pass")))
    assert tickets() == 1  # a forger must not silence the person whose address it is
    client.post(f"/suspended/{held.id}/rejection/undo")
    assert db.session.scalars(select(BlockedSender)).all() == []
    cast.receive(mail(subject="Son kez"))
    assert tickets() == 2


def test_an_outsider_sees_no_suspended_mail(client: FlaskClient, cast: Cast, held: Suspension) -> None:
    sign_in(client, cast.outsider)
    assert "Acil" not in client.get("/suspended").text
    assert client.get("/inbox/counts").json["counts"]["suspended"] == "0"
    for path in ("", "/source", "/source.eml"):
        assert client.get(f"/suspended/{held.id}{path}").status_code == 404
    for path in ("acceptance", "rejection", "rejection/undo"):
        assert client.post(f"/suspended/{held.id}/{path}").status_code == 404
    assert held.decision is None
