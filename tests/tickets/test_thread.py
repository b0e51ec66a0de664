"""Which ticket a message belongs to."""

from __future__ import annotations

from sqlalchemy import func, select

from helpdesk.extensions import db
from helpdesk.tickets import tokens
from helpdesk.tickets.models import Entry, Message, Ticket
from helpdesk.tickets.outgoing.reply import Writing, reply
from tests.cast import DANIEL, SUKRAN, Cast, mail, messages

STRANGER = "Yabancı Biri <yabanci@baska.example>"


def tickets() -> int:
    return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def answered(cast: Cast) -> tuple[Ticket, str]:
    """A ticket that we have answered, and the Message-ID of our answer."""
    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), undo_seconds=0)
    assert entry.message is not None
    return ticket, entry.message.message_id


def test_a_reply_threads_by_the_token_in_our_message_id(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    db.session.query(Message).update({"message_id": ""})
    db.session.execute(db.text("delete from thread_references"))
    db.session.commit()
    cast.receive(mail(subject="bambaşka", in_reply_to=f"<{our_id}>"))
    assert (tickets(), len(messages(ticket))) == (1, 3)


def test_a_forged_token_does_not_thread(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    forged = our_id.replace(f"t{ticket.id}.", f"t{ticket.id + 1}.")
    assert tokens.ticket_of(our_id) == ticket.id
    assert tokens.ticket_of(forged) is None
    cast.receive(mail(subject="x", in_reply_to=f"<{forged}>"))
    assert tickets() == 2


def test_a_reply_threads_by_any_of_its_references(cast: Cast) -> None:
    ticket = cast.ticket()
    own = messages(ticket)[0].message_id
    cast.receive(mail(subject="x", references=f"<{own}> <lost@elsewhere.example> <other@elsewhere.example>"))
    assert tickets() == 1
    cast.receive(mail(subject="y", in_reply_to="<lost@elsewhere.example>"))  # every id seen is remembered
    assert (tickets(), len(messages(ticket))) == (1, 3)


def test_a_reply_threads_by_the_subjects_tag_last(cast: Cast) -> None:
    ticket = cast.ticket()
    cast.receive(mail(subject=f"Ynt: Kapak yok [#{ticket.id}]"))
    assert (tickets(), len(messages(ticket))) == (1, 2)


def test_reply_from_a_stranger_opens_a_new_ticket_linked_to_the_old(cast: Cast) -> None:
    ticket, our_id = answered(cast)
    for headers in ({"in_reply_to": f"<{our_id}>"}, {"subject": f"Re: [#{ticket.id}]"}):
        cast.receive(mail(sender=STRANGER, **headers))
    assert (tickets(), len(messages(ticket))) == (3, 2)
    linked = db.session.scalars(select(Entry.data).where(Entry.ticket_id != ticket.id, Entry.kind == "message"))
    assert [data.get("linked_ticket") for data in linked] == [ticket.id, ticket.id]


def test_somebody_on_copy_takes_part(cast: Cast) -> None:
    cast.receive(mail(cc=DANIEL, message_id="<first@posta.example>"))
    cast.receive(mail(sender=DANIEL, in_reply_to="<first@posta.example>", text="I agree"))
    ticket = db.session.scalars(select(Ticket)).one()
    assert [message.identity.address for message in messages(ticket)] == ["sukran@posta.example", "daniel@mail.example"]
    assert ticket.customer.name == "Şükran Işıldak"


def test_mail_from_our_own_inbox_never_threads_by_address(cast: Cast) -> None:
    ticket = cast.ticket()
    cast.receive(mail(sender="destek@lodosev.example", subject=f"[#{ticket.id}]", message_id="<own@lodosev.example>"))
    assert tickets() == 2


def test_a_question_and_its_follow_up_in_one_batch_are_one_ticket(cast: Cast) -> None:
    first = mail(message_id="<one@posta.example>")
    second = mail(in_reply_to="<one@posta.example>", message_id="<two@posta.example>", text="Bir de şu var")
    third = mail(references="<two@posta.example>", sender=SUKRAN)
    cast.receive(first, second, third)
    assert tickets() == 1


def test_ten_thousand_references_are_read_and_the_last_is_found(cast: Cast) -> None:
    ticket = cast.ticket()
    own = messages(ticket)[0].message_id
    junk = "\r\n ".join(f"<{number}@junk.example>" for number in range(10_000))
    raw = mail(subject="uzun").replace(b"Subject:", f"References: {junk}\r\n <{own}>\r\nSubject:".encode(), 1)
    cast.receive(raw)
    assert (tickets(), len(messages(ticket))) == (1, 2)
