"""Where mail comes from, who vouches for it, and what happens when nobody does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from helpdesk import clock, reactions
from helpdesk.agents.access import sees_team
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets import actions, queues, tokens
from helpdesk.tickets.incoming import offers
from helpdesk.tickets.incoming.screening import LOOP_MESSAGES
from helpdesk.tickets.incoming.suspended_models import Suspension
from helpdesk.tickets.models import Entry, Message, Ticket
from helpdesk.tickets.outgoing import side
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import DANIEL, SUKRAN, Cast, mail, messages

SECOND = "Şükran Işıldak <sukran@is.example>"
BURAK = "Burak Öztürk <burak@lodosev.example>"
OUTLOOK = "AM6PR0701MB2345.eurprd07.prod.outlook.com"
PASS = "mx.lodosev.example; dmarc=pass header.from={0}; spf=pass smtp.mailfrom={0}"
FAIL = "mx.lodosev.example; dmarc=fail (p={1}) header.from={0}; spf=fail smtp.mailfrom=evil.example"


@pytest.fixture
def guarded(cast: Cast) -> Cast:
    """The cast whose inbox believes its own server."""
    inboxes.change(cast.inbox, {}, {"auth_server": "mx.lodosev.example"})
    return cast


def tickets() -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def newest(model: Any) -> Any:
    return db.session.scalars(select(model).order_by(model.id.desc()).limit(1)).one()


def passing(sender: str = SUKRAN, **rest: str) -> bytes:
    return mail(sender=sender, Authentication_Results=PASS.format(_domain(sender)), **rest)


def failing(sender: str = SUKRAN, policy: str = "none", **rest: str) -> bytes:
    return mail(sender=sender, Authentication_Results=FAIL.format(_domain(sender), policy), **rest)


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip(">")


def answered(cast: Cast) -> tuple[Ticket, str]:
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), undo_seconds=0)
    reactions.react()
    assert entry.message is not None
    return ticket, entry.message.message_id


def entries(ticket: Ticket, kind: str) -> list[Entry]:
    return list(db.session.scalars(select(Entry).where(Entry.ticket_id == ticket.id, Entry.kind == kind).order_by(Entry.id)))


# --- which rule


def test_every_message_says_which_rule_threaded_it(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    first = messages(ticket)[0].message_id
    plus = f"destek+{tokens.make(ticket.id)}@lodosev.example"
    for headers, rule in (
        ({"in_reply_to": f"<{our_id}>"}, "token"),
        ({"to": plus}, "plus"),
        ({"Delivered_To": plus}, "plus"),
        ({"in_reply_to": f"<{first}>"}, "in_reply_to"),
        ({"references": f"<{first}> <{OUTLOOK}>"}, "references"),
        ({"subject": f"Ynt: [#{ticket.id}]"}, "subject"),
    ):
        cast.receive(mail(**{"subject": "x", **headers}))
        message = newest(Message)
        assert (message.ticket_id, message.origin["rule"]) == (ticket.id, rule)
        assert message.origin["by"]
    cast.receive(mail(subject="x"))
    assert newest(Message).origin == {"rule": "new"}


@pytest.mark.parametrize("ids", ["", f"<{OUTLOOK}>"])
def test_an_answer_whose_ids_were_rewritten_is_found_by_its_subject(cast: Cast, ids: str) -> None:
    ticket, _our_id = answered(cast)
    cast.receive(mail(subject=f"AW: Kapak yok [#{ticket.id}]", in_reply_to=ids, references=ids, message_id=ids))
    assert (tickets(), len(messages(ticket))) == (1, 3)


def test_an_id_used_twice_leads_to_the_ticket_with_the_subject(cast: Cast) -> None:
    for subject in ("Kapak yok", "Fatura yanlış"):
        cast.receive(mail(subject=subject, message_id="<same@posta.example>"))
    cast.receive(mail(subject="YNT: Re: Fatura yanlış", in_reply_to="<same@posta.example>"))
    assert newest(Message).ticket.subject == "Fatura yanlış"
    assert tickets() == 2


def test_an_id_of_another_person_brings_nobody_into_his_ticket(cast: Cast) -> None:
    cast.receive(mail(message_id="<same@posta.example>"))
    cast.receive(mail(sender=DANIEL, message_id="<same@posta.example>", subject="Kapak yok"))
    cast.receive(mail(sender=DANIEL, in_reply_to="<same@posta.example>"))
    assert [ticket.customer.name for ticket in db.session.scalars(select(Ticket).order_by(Ticket.id))] == [
        "Şükran Işıldak",
        "Daniel Okafor",
    ]


def test_two_people_with_one_subject_have_two_tickets(cast: Cast) -> None:
    cast.receive(mail(subject="Re: Kapak yok"), mail(subject="Re: Kapak yok", sender=DANIEL))
    assert tickets() == 2


def test_a_cut_thread_is_named_in_the_defects(cast: Cast) -> None:
    ids = "\r\n ".join(f"<{number}@junk.example>" for number in range(10_000))
    cast.receive(mail().replace(b"Subject:", f"References: {ids}\r\nSubject:".encode(), 1))
    assert [defect for defect in newest(Message).defects if "references" in defect]


def test_a_linked_ticket_says_so_on_both_timelines(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    cast.receive(mail(sender=DANIEL, in_reply_to=f"<{our_id}>"))
    other = newest(Ticket)
    assert [entry.data["ticket"] for entry in (*entries(ticket, "linked"), *entries(other, "linked"))] == [
        other.id,
        ticket.id,
    ]


@pytest.mark.parametrize(("days", "count"), [(29, 1), (31, 2)])
def test_an_answer_reopens_a_ticket_or_long_after_opens_the_next(cast: Cast, days: int, count: int) -> None:
    ticket, our_id = answered(cast)
    actions.close(cast.burak, ticket.id)
    ticket.closed_at = clock.now() - timedelta(days=days)
    db.session.commit()
    cast.receive(mail(in_reply_to=f"<{our_id}>", Auto_Submitted="auto-replied"))
    assert (tickets(), ticket.status) == (1, "closed")
    cast.receive(mail(in_reply_to=f"<{our_id}>"))
    assert (tickets(), ticket.status) == (count, "open" if count == 1 else "closed")
    assert [entry.data["why"] for entry in entries(ticket, "linked")] == ["follow_up"] * (count - 1)


# --- who vouches


def test_only_our_own_server_is_believed(guarded: Cast) -> None:
    forged = "mx.evil.example; dmarc=pass header.from=posta.example"
    for raw, result in (
        (passing(), "pass"),
        (failing(), "fail"),
        (mail(Authentication_Results=forged), None),
        (mail(), None),
    ):
        guarded.receive(raw)
        assert newest(Message).origin.get("result") == result
        assert newest(Ticket).doubted is (result == "fail")


def test_nobody_is_believed_until_the_inbox_names_its_server(cast: Cast) -> None:
    cast.receive(failing(policy="reject"))
    assert newest(Message).origin == {"rule": "new"}


def test_a_doubted_sender_needs_our_token_to_enter_a_ticket(guarded: Cast) -> None:
    ticket, our_id = answered(guarded)
    first = messages(ticket)[0].message_id
    guarded.receive(failing(references=f"<{first}>", subject=f"[#{ticket.id}]"))
    assert (tickets(), entries(ticket, "linked")[0].data["why"]) == (2, "doubted")
    guarded.receive(failing(in_reply_to=f"<{our_id}>", policy="reject"))
    assert (tickets(), len(messages(ticket)), ticket.doubted) == (2, 3, True)
    guarded.receive(passing(in_reply_to=f"<{our_id}>"))
    assert ticket.doubted is False


def test_a_doubted_sender_brings_nobody_along(guarded: Cast) -> None:
    ticket, our_id = answered(guarded)
    guarded.receive(failing(in_reply_to=f"<{our_id}>", Cc="eve@evil.example", Reply_To="eve@evil.example"))
    guarded.receive(mail(sender="eve@evil.example", in_reply_to=f"<{our_id}>"))
    assert (tickets(), len(messages(ticket))) == (2, 3)


def test_a_doubted_third_party_needs_our_token_too(guarded: Cast) -> None:
    ticket = guarded.ticket()
    supplier = "tedarik@supplier.example"
    opening = side.Opening("Kapak", Writing(text="Var mı?"), Chosen(to=[supplier]))
    ours = side.begin(guarded.burak, ticket.id, opening, undo_seconds=0).message
    assert ours is not None
    guarded.receive(failing(supplier, subject=ours.subject, Cc="eve@evil.example"))
    assert len(messages(ticket)) == 2 and len(ours.side_conversation.people) == 1
    guarded.receive(failing(supplier, in_reply_to=f"<{ours.message_id}>", Cc="eve@evil.example"))
    theirs = newest(Message)
    assert (theirs.side_conversation_id, len(ours.side_conversation.people)) == (ours.side_conversation_id, 1)
    assert (theirs.origin["rule"], theirs.origin["result"]) == ("token", "fail")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (failing(policy="reject"), "policy"),
        (failing(policy="quarantine"), "policy"),
        (failing(BURAK), "own"),
        (failing("Muhasebe <muhasebe@lodosev.example>"), "own"),
        (mail(sender="destek@lodosev.example", message_id=f"<t1001.{'a' * 16}.{'0' * 20}@lodosev.example>"), "notification"),
    ],
)
def test_what_is_forged_waits_apart(guarded: Cast, raw: bytes, reason: str) -> None:
    guarded.receive(raw)
    assert tickets() == 0
    assert newest(Suspension).reason == reason
    assert queues.counts(guarded.burak)["open"] == 0


def test_two_machines_that_answer_each_other_are_stopped(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    away = [mail(in_reply_to=f"<{our_id}>", Auto_Submitted="auto-replied") for _ in range(LOOP_MESSAGES + 5)]
    cast.receive(*away[:12])
    cast.receive(*away[12:])
    assert len(messages(ticket)) == LOOP_MESSAGES + 2
    assert {one.reason for one in db.session.scalars(select(Suspension))} == {"loop"}


# --- colleagues


def test_a_colleagues_answer_from_his_own_program_is_an_answer(guarded: Cast) -> None:
    ticket, our_id = answered(guarded)
    guarded.receive(passing(BURAK, to=SUKRAN, cc="destek@lodosev.example", in_reply_to=f"<{our_id}>", text="Yola çıktı."))
    message = messages(ticket)[-1]
    assert (message.direction, message.agent, message.identity) == ("outbound", guarded.burak, None)
    assert (ticket.last_text, ticket.last_direction, message.deliveries) == ("Yola çıktı.", "outbound", [])


def test_what_a_colleague_writes_to_us_alone_is_a_note(guarded: Cast) -> None:
    ticket, our_id = answered(guarded)
    guarded.receive(passing(BURAK, in_reply_to=f"<{our_id}>", text="Depoda var."))
    assert (messages(ticket)[-1].direction, ticket.last_text) == ("note", "Kapak yolda.")


def test_a_colleague_who_is_not_proven_or_of_another_team_is_a_stranger(guarded: Cast) -> None:
    ticket, our_id = answered(guarded)
    assert not sees_team(guarded.outsider, ticket.team_id)
    guarded.receive(mail(sender=BURAK, in_reply_to=f"<{our_id}>"))
    guarded.receive(passing("Oya Yabancı <oya@lodosev.example>", in_reply_to=f"<{our_id}>"))
    assert (tickets(), len(messages(ticket))) == (3, 2)


FORWARDED = """Bakar mısınız?

---------- Yönlendirilmiş mesaj ----------
Gönderen: Şükran Işıldak <sukran@posta.example>
Tarih: 3 Kas 2026 Sal 10:12
Konu: Kapak yok
Alıcı: Burak Öztürk <burak@lodosev.example>

Merhaba, kapak çıkmadı.
"""


def test_a_colleagues_forward_belongs_to_whom_it_is_from(guarded: Cast) -> None:
    guarded.receive(passing(BURAK, subject="İlt: Kapak yok", text=FORWARDED))
    ticket = newest(Ticket)
    assert (ticket.customer.name, messages(ticket)[0].identity.address) == ("Şükran Işıldak", "sukran@posta.example")
    assert "result" not in messages(ticket)[0].origin  # it is Burak who was verified
    [offer] = entries(ticket, "offer")
    assert (offer.data["forwarder"], offer.data["answer"]) == ("Burak Öztürk", "accepted")
    offers.decide(guarded.burak, ticket.id, offer.id, "open")
    assert ticket.customer.name == "Burak Öztürk"
    offers.decide(guarded.burak, ticket.id, offer.id, "accepted")
    assert ticket.customer.name == "Şükran Işıldak"


def test_the_forward_of_somebody_who_may_be_a_colleague_is_offered(cast: Cast) -> None:
    cast.receive(mail(sender=BURAK, subject="Fwd: Kapak yok", text=FORWARDED))
    ticket = newest(Ticket)
    [offer] = entries(ticket, "offer")
    assert (ticket.customer.name, offer.data["answer"]) == ("Burak Öztürk", "open")
    offers.decide(cast.burak, ticket.id, offer.id, "accepted")
    assert ticket.customer.name == "Şükran Işıldak"


def test_a_customers_forward_stays_his(cast: Cast) -> None:
    cast.receive(mail(sender=DANIEL, subject="Fwd: Kapak yok", text=FORWARDED))
    assert (newest(Ticket).customer.name, entries(newest(Ticket), "offer")) == ("Daniel Okafor", [])


# --- a second address


def test_a_customer_at_another_address_opens_a_linked_ticket_and_is_offered(cast: Cast) -> None:
    first, our_id = answered(cast)
    cast.receive(mail(sender=SECOND, in_reply_to=f"<{our_id}>"))
    ticket = newest(Ticket)
    assert (tickets(), len(messages(first)), len(messages(ticket))) == (2, 2, 1)
    assert entries(first, "linked") and entries(ticket, "linked")
    [offer] = entries(ticket, "offer")
    second = messages(ticket)[-1].identity
    assert second.customer_id != first.customer_id
    offers.decide(cast.burak, ticket.id, offer.id, "accepted")
    db.session.expire_all()
    assert second.customer_id == first.customer_id
    offers.decide(cast.burak, ticket.id, offer.id, "open")
    db.session.expire_all()
    assert second.customer_id != first.customer_id
    offers.decide(cast.burak, ticket.id, offer.id, "declined")
    assert [(entry.actor_name, entry.data["to"]) for entry in entries(ticket, "offer_answer")] == [
        ("Burak Öztürk", "accepted"),
        ("Burak Öztürk", "open"),
        ("Burak Öztürk", "declined"),
    ]


def test_the_customers_name_alone_opens_no_ticket(cast: Cast) -> None:
    ticket = cast.ticket()
    first = messages(ticket)[0].message_id
    cast.receive(mail(sender=SECOND, references=f"<{first}>", subject=f"[#{ticket.id}]"))
    assert tickets() == 2
    assert entries(newest(Ticket), "offer") == []
