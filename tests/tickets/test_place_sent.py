"""Mail that colleagues sent from the inbox's address in other programs: answers count, and nothing is sent again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from channels.messages import Batch, RawItem
from helpdesk import reactions
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import Received
from helpdesk.sla.models import Deadline
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Delivery, Entry, Message, Ticket
from helpdesk.tickets.outgoing import reply
from tests.cast import DANIEL, SUKRAN, Cast, mail, messages

OURS = "destek@lodosev.example"
numbers = iter(range(1, 10_000))


def sent(cast: Cast, **fields: str) -> Received:
    """A mail appears in the mailbox's folder of sent mail, and is interpreted."""
    raw = mail(**({"sender": f"Lodos Ev Destek <{OURS}>", "to": SUKRAN, "text": "Kapak yarın sizde."} | fields))
    number = next(numbers)
    item = RawItem(f"Sent:7:{number}", raw, {"sent": True})
    ledger.store(cast.inbox, "Sent", Batch([item], {"uidvalidity": 7, "uid": number}))
    receive.drain(cast.inbox.id)
    reactions.react()
    return db.session.scalars(select(Received).where(Received.source_key == item.key)).one()


def asked(cast: Cast) -> tuple[Ticket, str]:
    """A ticket of Şükran's, and the Message-ID of her mail."""
    ticket = cast.ticket()
    return ticket, f"<{messages(ticket)[0].message_id}>"


def test_an_answer_written_elsewhere_is_an_answer_on_its_ticket(cast: Cast) -> None:
    ticket, hers = asked(cast)
    row = sent(cast, in_reply_to=hers, references=hers, sender=f"Burak Öztürk <{OURS}>", subject="Re: Kapak yok")
    message = messages(ticket)[-1]
    assert (row.status, message.direction, message.agent_id) == ("done", "outbound", cast.burak.id)
    assert (ticket.status, ticket.unread, ticket.assignee_id) == ("open", False, cast.burak.id)
    assert ticket.first_response_at is not None and ticket.last_text == "Kapak yarın sizde."
    entry = db.session.scalars(select(Entry).where(Entry.message_id == message.id)).one()
    assert (entry.actor_kind, entry.actor_name, entry.data["own_program"]) == ("agent", "Burak Öztürk", True)
    first = db.session.scalars(select(Deadline).where(Deadline.ticket_id == ticket.id, Deadline.kind == "first_response"))
    assert [one.met for one in first] == [True]
    assert db.session.query(Delivery).count() == 0


def test_the_customers_reply_to_it_comes_back_to_the_ticket_and_opens_it(cast: Cast) -> None:
    ticket, hers = asked(cast)
    sent(cast, in_reply_to=hers, message_id="<from-outlook@lodosev.example>")
    cast.receive(mail(in_reply_to="<from-outlook@lodosev.example>", text="Teşekkürler"))
    assert [one.direction for one in messages(ticket)] == ["inbound", "outbound", "inbound"]
    assert ticket.status == "open" and db.session.query(Ticket).count() == 1


@pytest.mark.parametrize(("sender", "name"), [
    (f"Lodos Ev Destek <{OURS}>", "Lodos Ev Destek"),
    (OURS, OURS),
])  # fmt: skip
def test_an_answer_of_nobody_known_has_the_name_that_it_gives(cast: Cast, sender: str, name: str) -> None:
    ticket, hers = asked(cast)
    sent(cast, in_reply_to=hers, sender=sender)
    entry = db.session.scalars(select(Entry).where(Entry.message_id == messages(ticket)[-1].id)).one()
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("agent", None, name)
    assert ticket.assignee_id is None and ticket.status == "open"


@pytest.mark.parametrize("header", ["message_id", "X_Microsoft_Original_Message_ID"])
def test_a_mail_that_temas_sent_itself_is_known_and_ignored(cast: Cast, header: str) -> None:
    ticket, _hers = asked(cast)
    reply.reply(cast.burak, ticket.id, reply.Writing(text="Yolda"), undo_seconds=0)
    row = sent(cast, **{header: f"<{messages(ticket)[-1].message_id}>"})
    assert row.status == "ignored" and len(messages(ticket)) == 2


@pytest.mark.parametrize("fields", [
    {"Auto_Submitted": "auto-replied"},
    {"sender": DANIEL},
    {"to": "burak@lodosev.example"},
    {"to": OURS},
])  # fmt: skip
def test_machines_mail_others_mail_and_mail_among_ourselves_open_nothing(cast: Cast, fields: dict[str, str]) -> None:
    assert sent(cast, **fields).status == "ignored"
    assert db.session.query(Ticket).count() == 0


def test_a_conversation_begun_elsewhere_is_a_ticket_that_waits_for_the_customer(cast: Cast) -> None:
    sent(cast, to=DANIEL, subject="Faturanız", message_id="<begun@lodosev.example>", sender="Burak <burak@lodosev.example>")
    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.status, ticket.unread, ticket.team_id) == ("pending", False, cast.destek.id)
    assert (ticket.customer.display_name, ticket.assignee_id) == ("Daniel Okafor", cast.burak.id)
    cast.receive(mail(sender=DANIEL, in_reply_to="<begun@lodosev.example>", subject="Re: Faturanız"))
    assert [one.direction for one in messages(ticket)] == ["outbound", "inbound"]
    assert ticket.status == "open"


def test_what_is_passed_on_to_a_third_party_is_a_note_and_answers_nobody(cast: Cast) -> None:
    ticket, hers = asked(cast)
    sent(cast, references=hers, to="kargo@kargo.example", subject="İlt: Kapak yok")
    assert messages(ticket)[-1].direction == "note"
    assert ticket.status == "new" and ticket.first_response_at is None


def test_a_finished_ticket_stays_finished(cast: Cast) -> None:
    ticket, hers = asked(cast)
    ticket.status = "solved"
    db.session.commit()
    sent(cast, in_reply_to=hers)
    assert ticket.status == "solved" and messages(ticket)[-1].direction == "outbound"


def test_interpreting_it_twice_writes_it_once(cast: Cast) -> None:
    ticket, hers = asked(cast)
    row = sent(cast, in_reply_to=hers)
    receive.interpret(cast.inbox.id, [row.id])
    assert db.session.query(Message).filter_by(received_id=row.id).count() == 1
    assert len(messages(ticket)) == 2
