"""What comes back: at its delivery, at its address, and for the agent to see."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.customers.models import Identity
from helpdesk.extensions import db
from helpdesk.tickets import tokens
from helpdesk.tickets.incoming import screening
from helpdesk.tickets.incoming.suspended_models import Suspension
from helpdesk.tickets.models import Delivery, Entry, Ticket
from helpdesk.tickets.outgoing import recipients, reply
from tests.cast import Cast, mail, messages, sign_in

ADDRESS = "sukran@posta.example"


@pytest.fixture
def sent(cast: Cast) -> Delivery:
    """An answer to Şükran that has left."""
    reply.reply(cast.burak, cast.ticket().id, reply.Writing(text="Kapak yolda"), undo_seconds=0)
    delivery = db.session.scalars(select(Delivery)).one()
    delivery.status, delivery.sent_at = "sent", delivery.created_at
    db.session.commit()
    return delivery


def report(
    delivery: Delivery,
    action: str = "failed",
    status: str = "5.1.1",
    returned: bool = True,
    header: str = "",
    envelope: str = "",
) -> bytes:
    """``header``: a line more at its top; ``envelope``: the envelope id that it gives back."""
    copy = f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{delivery.provider_id}>\n\n" if returned else ""
    return (
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undelivered\nMessage-ID: <r@mx.example>\n"
        f"{header}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n"
        f"Original-Envelope-Id: {envelope}\n\n"
        f"Final-Recipient: rfc822; {ADDRESS.upper()}\nAction: {action}\nStatus: {status}\n\n{copy}--b--\n"
    ).encode()


def identity() -> Identity:
    return db.session.scalars(select(Identity).where(Identity.address == ADDRESS)).one()


@pytest.mark.parametrize("proof", ["returned header", "envelope id", "answered id"])
def test_a_bounce_that_proves_itself_fails_its_delivery_and_marks_the_address(
    cast: Cast, sent: Delivery, proof: str
) -> None:
    cast.receive(
        {
            "returned header": report(sent),
            "envelope id": report(sent, returned=False, envelope=tokens.for_delivery(sent.id).upper()),
            "answered id": report(sent, returned=False, header=f"In-Reply-To: <{sent.provider_id}>\n"),
        }[proof]
    )
    db.session.refresh(sent)
    assert (sent.status, sent.code, sent.detail) == ("failed", "recipient", "5.1.1")
    assert identity().bounced_at is not None and identity().bounce_detail == "5.1.1"
    assert db.session.query(Entry).filter_by(kind="delivery_failed", ticket_id=sent.message.ticket_id).count() == 1
    assert db.session.query(Ticket).count() == 1


@pytest.mark.parametrize("forgery", ["nothing", "envelope id", "answered id", "returned header"])
def test_a_bounce_that_proves_nothing_is_shown_and_changes_nothing(
    cast: Cast, sent: Delivery, forgery: str, client: FlaskClient
) -> None:
    ticket, signed = sent.message.ticket, sent.provider_id
    cast.receive(
        {
            "nothing": report(sent, returned=False),
            "envelope id": report(sent, returned=False, envelope=f"d{sent.id}.{'0' * 20}"),
            "answered id": report(sent, returned=False, header=f"In-Reply-To: <{_damaged(signed)}>\n"),
            "returned header": report(sent).replace(signed.encode(), _damaged(signed).encode()),
        }[forgery]
    )
    db.session.refresh(sent)
    assert sent.status == "sent" and identity().bounced_at is None
    assert db.session.query(Ticket).count() == 1 and messages(ticket)[-1].automatic
    sign_in(client, cast.burak)
    page = client.get(f"/tickets/{ticket.id}", headers={"Accept-Language": "en"}).text
    assert f"A report on mail to <b>{ADDRESS}</b> names no message of ours: it changed nothing" in page


def test_a_flood_of_bounces_that_prove_nothing_waits_for_a_person(
    cast: Cast, sent: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "LOOP_MESSAGES", 2)
    for _ in range(4):
        cast.receive(report(sent, returned=False))
    assert len(messages(sent.message.ticket)) == 4
    assert {one.reason for one in db.session.scalars(select(Suspension))} == {"loop"}


def _damaged(message_id: str) -> str:
    """One of our ids with another signature."""
    token, _at, domain = message_id.partition("@")
    return f"{token[:-20]}{'0' * 20}@{domain}"


def test_a_bounce_that_names_nobody_fails_the_only_delivery_of_what_it_returned(cast: Cast, sent: Delivery) -> None:
    cut = report(sent).replace(f"Final-Recipient: rfc822; {ADDRESS.upper()}\n".encode(), b"Final-Recipient: rfc822; gone\n")
    for forged in (b"another@x.example", _damaged(sent.provider_id).encode()):
        cast.receive(cut.replace(sent.provider_id.encode(), forged))
        db.session.refresh(sent)
        assert sent.status == "sent" and identity().bounced_at is None
    cast.receive(cut)
    db.session.refresh(sent)
    assert (sent.status, sent.detail) == ("failed", "5.0.0") and identity().bounced_at is not None


@pytest.mark.parametrize("returned", [True, False])
def test_whoever_reports_a_bounce_does_not_take_part_from_then_on(cast: Cast, sent: Delivery, returned: bool) -> None:
    ticket = sent.message.ticket
    forged = report(sent, returned=returned).replace(
        b"From: MAILER-DAEMON@mx.example", b"From: eve@evil.example\nCc: x@evil.example"
    )
    cast.receive(forged)
    for sender in ("eve@evil.example", "x@evil.example"):
        cast.receive(mail(sender=f"Sukran <{sender}>", subject=f"Re: [#{ticket.id}]", text="Şifremi unuttum."))
    assert "Şifremi" not in " ".join(message.text for message in messages(ticket))
    assert [person["address"] for person in recipients.of(ticket, recipients.Chosen()).to] == [ADDRESS]


def test_the_composer_names_the_address_that_nothing_reaches(client: FlaskClient, cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent))
    sign_in(client, cast.burak)
    page = client.get(f"/tickets/{sent.message.ticket_id}", headers={"Accept-Language": "en"}).text
    assert f"What was last sent to {ADDRESS} did not arrive." in page


def test_a_delay_is_only_noted(cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent, "delayed", "4.4.1"))
    db.session.refresh(sent)
    assert sent.status == "sent" and identity().bounced_at is None
    assert db.session.query(Entry).filter_by(kind="delivery_delayed").one().data["detail"] == "4.4.1"


def test_what_the_message_is_blamed_for_does_not_mark_the_address(cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent, status="5.7.1"))
    db.session.refresh(sent)
    assert sent.status == "failed" and identity().bounced_at is None


def test_a_receipt_moves_the_delivery_up_and_opens_no_ticket(cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent, "delivered", "2.0.0"))
    db.session.refresh(sent)
    assert sent.status == "delivered" and db.session.query(Ticket).count() == 1


def test_a_strangers_bounce_about_nothing_of_ours_marks_nobody(cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent).replace(sent.provider_id.encode(), b"made.up@x.example"))
    db.session.refresh(sent)
    assert sent.status == "sent" and identity().bounced_at is None


def test_writing_from_the_address_clears_the_mark_and_an_absence_note_does_not(cast: Cast, sent: Delivery) -> None:
    cast.receive(report(sent))
    cast.receive(mail(subject="Otomatik yanıt: Kapak", sender=f"Şükran <{ADDRESS}>"))
    assert identity().bounced_at is not None
    cast.receive(mail(sender=f"Şükran <{ADDRESS}>"))
    assert identity().bounced_at is None and identity().bounce_detail == ""


def test_agents_see_the_mark_at_the_customer_and_above_the_composer(cast: Cast, sent: Delivery, client: FlaskClient) -> None:
    cast.receive(report(sent))
    sign_in(client, cast.burak)
    ticket = sent.message.ticket
    assert "did not arrive" in client.get(f"/tickets/{ticket.id}?lang=en").text
    page = client.get(f"/customers/{ticket.customer_id}?lang=en").text
    assert "Nothing arrives here (5.1.1)" in page
    answer = client.post(f"/customers/{ticket.customer_id}/identities/{identity().id}/reachable")
    assert answer.status_code == 303 and identity().bounced_at is None
    assert "did not arrive" not in client.get(f"/tickets/{ticket.id}?lang=en").text


def test_an_outsider_clears_no_mark(cast: Cast, sent: Delivery, client: FlaskClient) -> None:
    cast.receive(report(sent))
    sign_in(client, cast.outsider)
    url = f"/customers/{sent.message.ticket.customer_id}/identities/{identity().id}/reachable"
    assert client.post(url).status_code == 404 and identity().bounced_at is not None
