"""Side conversations: a third party is asked, and his answer stays apart from the customer."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk import live, reactions
from helpdesk.customers.models import Customer
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets import actions
from helpdesk.tickets.incoming import suspended
from helpdesk.tickets.incoming.suspended_models import BlockedSender, Suspension
from helpdesk.tickets.models import Attachment, Blob, Delivery, Entry, Message, Participant, SideConversation, Ticket
from helpdesk.tickets.outgoing import below, deliver, side
from helpdesk.tickets.outgoing.message import outgoing
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.reply import note, reply
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import Cast, mail, messages
from tests.rigs.mailserver import MailServer

SUPPLIER = "Tedarik Ltd <tedarik@supplier.example>"


def opening(text: str = "Stokta kapak var mı?", **changes: object) -> side.Opening:
    values = {"subject": "Kapak", "writing": Writing(text=text), "chosen": Chosen(to=[SUPPLIER])}
    return side.Opening(**{**values, **changes})  # type: ignore[arg-type]


def begin(cast: Cast, ticket: Ticket, **changes: object) -> Message:
    message = side.begin(cast.burak, ticket.id, opening(**changes), undo_seconds=0).message
    assert message is not None
    return message


def sent(message: Message) -> str:
    delivery = db.session.scalars(select(Delivery).where(Delivery.message_id == message.id)).first()
    assert delivery is not None
    return outgoing(delivery).text


def answer(ours: Message, **parts: str) -> bytes:
    return mail(**{"sender": SUPPLIER, "subject": "Ynt", "in_reply_to": f"<{ours.message_id}>", "text": "Var.", **parts})


def test_a_third_partys_answer_joins_the_side_conversation_and_nothing_of_the_customers(cast: Cast) -> None:
    ticket = cast.ticket()
    reply(cast.burak, ticket.id, Writing(text="Soruyorum."), close=True)
    reactions.react()
    due = ticket.due_at
    ours = begin(cast, ticket)
    cast.receive(answer(ours))
    entry = db.session.scalars(select(Entry).where(Entry.kind == "side_message").order_by(Entry.id.desc())).first()
    assert entry is not None and entry.message is not None
    theirs = entry.message
    assert (theirs.side_conversation_id, theirs.direction, theirs.identity) == (ours.side_conversation_id, "inbound", None)
    assert theirs.sender == {"address": "tedarik@supplier.example", "name": "Tedarik Ltd"}
    assert (entry.kind, entry.actor_kind, entry.actor_name) == ("side_message", "third_party", "Tedarik Ltd")
    assert (ticket.status, ticket.due_at, ticket.last_text) == ("closed", due, "Soruyorum.")
    assert db.session.query(Ticket).count() == 1 and db.session.query(Customer).count() == 1
    assert "tedarik@supplier.example" not in set(db.session.scalars(select(Participant.address)))


def test_a_suspended_answer_that_is_let_in_joins_its_side_conversation(cast: Cast) -> None:
    ticket = cast.ticket()
    ours = begin(cast, ticket)
    db.session.add(BlockedSender(channel="email", address="tedarik@supplier.example", agent_id=cast.burak.id))
    db.session.commit()
    cast.receive(answer(ours))
    held = db.session.scalars(select(Suspension)).one()
    assert (held.reason, len(messages(ticket))) == ("blocked", 2)
    suspended.accept(cast.burak, held.id)
    theirs = messages(ticket)[-1]
    assert (theirs.text.strip(), theirs.side_conversation_id) == ("Var.", ours.side_conversation_id)
    assert theirs.origin["vouched"] and db.session.query(Ticket).count() == 1


def test_an_answer_is_told_to_nobody_who_has_left_the_team(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(live, "notify", lambda agent_id, _payload: told.append(agent_id))
    ticket = cast.ticket()
    ours = begin(cast, ticket)
    actions.assign(cast.ayse, ticket.id, cast.elif_.id)
    reactions.react()
    told.clear()
    cast.receive(answer(ours))
    assert sorted(told) == sorted([cast.burak.id, cast.elif_.id])
    cast.burak.teams = [cast.muhasebe]
    cast.elif_.active = False
    db.session.commit()
    cast.receive(answer(ours))
    assert len(told) == 2


def test_an_answer_that_keeps_only_the_subject_is_known_by_its_tag(cast: Cast) -> None:
    ticket = cast.ticket()
    ours = begin(cast, ticket)
    cast.receive(mail(sender=SUPPLIER, subject=f"Ynt: {ours.subject}", text="Var."))
    assert messages(ticket)[-1].side_conversation_id == ours.side_conversation_id


def test_a_stranger_who_knows_the_id_joins_nothing(cast: Cast) -> None:
    ours = begin(cast, cast.ticket())
    cast.receive(answer(ours, sender="Eve <eve@evil.example>"))
    assert db.session.query(Ticket).count() == 2
    assert db.session.query(Message).filter_by(side_conversation_id=ours.side_conversation_id).count() == 1


def test_neither_side_reads_the_other(cast: Cast) -> None:
    ticket = cast.ticket(text="Kapak gelmedi, kızgınım.")
    note(cast.burak, ticket.id, Writing(text="Müşteri haklı."))
    ours = begin(cast, ticket)
    cast.receive(answer(ours, text="Pahalıya mal olur."))
    again = side.answer(cast.burak, ticket.id, ours.side_conversation_id or 0, Writing(text="Olsun."), Chosen()).message
    to_customer = reply(cast.burak, ticket.id, Writing(text="Yolda.")).message
    assert again is not None and to_customer is not None
    assert [person["address"] for person in again.to] == ["tedarik@supplier.example"]
    assert "Pahalıya" in sent(again) and "kızgınım" not in sent(again)
    assert "kızgınım" in sent(to_customer) and "Pahalıya" not in sent(to_customer) and "haklı" not in sent(to_customer)
    assert [person["address"] for person in to_customer.to] == ["sukran@posta.example"]
    assert to_customer.in_reply_to == messages(ticket)[0].message_id


def test_a_forwarded_message_goes_along_whole_with_its_files(cast: Cast) -> None:
    ticket = cast.ticket(text="Kapak gelmedi.")
    db.session.add(Blob(sha256=b"x", size=3, data=b"pdf"))
    db.session.flush()
    messages(ticket)[0].attachments = [
        Attachment(filename="fatura.pdf", content_type="application/pdf", size=3, sha256=b"x")
    ]
    db.session.commit()
    ours = begin(cast, ticket, text="", forward=messages(ticket)[0].id)
    assert [file.filename for file in ours.attachments] == ["fatura.pdf"]
    assert len(messages(ticket)[0].attachments) == 1
    assert "---------- Yönlendirilen ileti ----------" in sent(ours)
    assert "Kimden: Şükran Işıldak <sukran@posta.example>" in sent(ours) and "Kapak gelmedi." in sent(ours)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"subject": " "}, "subject"),
        ({"chosen": Chosen()}, "to"),
        ({"chosen": Chosen(to=["nobody"])}, "to"),
        ({"chosen": Chosen(to=["sukran@posta.example"])}, "to"),
        ({"chosen": Chosen(to=["destek+x@lodosev.example"])}, "to"),
        ({"text": ""}, "text"),
    ],
)
def test_what_cannot_begin_says_why(cast: Cast, changes: dict[str, object], wrong: str) -> None:
    ticket = cast.ticket()
    with pytest.raises(Invalid) as refusal:
        begin(cast, ticket, **changes)
    db.session.rollback()
    assert list(refusal.value.errors) == [wrong]
    assert db.session.query(SideConversation).count() == 0


def test_an_outsider_writes_to_nobody(cast: Cast) -> None:
    ticket = cast.ticket()
    ours = begin(cast, ticket)
    with pytest.raises(NotFound):
        side.begin(cast.outsider, ticket.id, opening())
    with pytest.raises(NotFound):
        side.answer(cast.outsider, ticket.id, ours.side_conversation_id or 0, Writing(text="x"), Chosen())
    other = cast.ticket(subject="Başka")
    with pytest.raises(NotFound):
        side.answer(cast.burak, other.id, ours.side_conversation_id or 0, Writing(text="x"), Chosen())


def test_a_note_cannot_be_forwarded(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = note(cast.burak, ticket.id, Writing(text="Gizli."))
    with pytest.raises(NotFound):
        begin(cast, ticket, forward=entry.message_id)


def test_it_travels_over_a_real_server_and_back(cast: Cast, mail_server: MailServer) -> None:
    inboxes.change(cast.inbox, {}, mail_server.settings("destek@lodosev.example"))
    ours = begin(cast, cast.ticket(), chosen=Chosen(to=["tedarik.side@supplier.example"]))
    deliver.deliver_due()
    [raw] = mail_server.wait_for_mails("tedarik.side@supplier.example")
    assert f"<{ours.message_id}>".encode() in raw
    assert below.as_text(ours) == "Stokta kapak var mı?"
