"""From the ledger to tickets."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from channels.messages import Batch, RawItem
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import ledger
from helpdesk.inboxes.models import InboxCursor, Received
from helpdesk.tickets.incoming import place, receive
from helpdesk.tickets.incoming.reading import Reading
from helpdesk.tickets.models import Entry, Message, Ticket
from tests.cast import DANIEL, Cast, mail, messages


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_mail_becomes_a_ticket_with_its_customer_and_entry(cast: Cast) -> None:
    ticket = cast.ticket(subject="Tencere kapağı", text="Merhaba, kapak çıkmadı. Teşekkürler.")
    assert (ticket.subject, ticket.status, ticket.channel, ticket.team) == ("Tencere kapağı", "new", "email", cast.destek)
    assert (ticket.customer.name, ticket.customer.language) == ("Şükran Işıldak", "tr")
    assert [identity.address for identity in ticket.customer.identities] == ["sukran@posta.example"]
    [entry] = db.session.scalars(select(Entry)).all()
    assert (entry.kind, entry.actor_kind, entry.actor_name) == ("message", "customer", "Şükran Işıldak")
    assert ticket.last_text == "Merhaba, kapak çıkmadı. Teşekkürler."


def test_numbers_start_where_people_take_them_seriously(cast: Cast) -> None:
    assert cast.ticket().id == 1001


def test_ledger_row_and_cursor_are_stored_together(cast: Cast) -> None:
    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:7", mail())], {"uidvalidity": 1, "uid": 7}))
    assert db.session.get(InboxCursor, (cast.inbox.id, "INBOX")).cursor == {"uidvalidity": 1, "uid": 7}
    [row] = db.session.scalars(select(Received)).all()
    assert (row.source_key, row.status, row.size) == ("1:7", "pending", len(row.raw))


def test_the_same_item_twice_is_one_row(cast: Cast) -> None:
    raw = mail()
    assert ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:7", raw)], {"uid": 7})) == 1
    assert ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:7", raw)], {"uid": 7})) == 0
    receive.drain(cast.inbox.id)
    receive.drain(cast.inbox.id)
    assert (count(Ticket), count(Message)) == (1, 1)


def test_two_mails_with_one_message_id_are_two_messages(cast: Cast) -> None:
    first, second = (mail(message_id="<same@posta.example>", text=text) for text in ("bir", "iki"))
    cast.receive(first, second)
    assert count(Message) == 2


def test_after_a_reset_of_keys_known_bytes_are_not_new_but_each_copy_counts(cast: Cast) -> None:
    raw, other = mail(message_id="<a@x.example>"), mail(message_id="<b@x.example>")
    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:1", raw), RawItem("1:2", raw)], {"uidvalidity": 1, "uid": 2}))
    renumbered = [RawItem("2:1", raw), RawItem("2:2", raw), RawItem("2:3", raw), RawItem("2:4", other)]
    batch = Batch(renumbered, {"uidvalidity": 2, "uid": 4})
    stored = ledger.store(cast.inbox, "INBOX", batch, lambda keys: {key for key in keys if key.startswith("1:")})
    assert stored == 2  # the third copy and the other mail
    assert set(db.session.scalars(select(Received.source_key))) == {"2:1", "2:2", "2:3", "2:4"}


def test_equal_mails_that_lie_side_by_side_are_all_kept(cast: Cast) -> None:
    raw = mail(message_id="<a@x.example>")
    for uid in (1, 2):
        assert ledger.store(cast.inbox, "INBOX", Batch([RawItem(f"2:{uid}", raw)], {"uidvalidity": 2, "uid": uid})) == 1
    assert count(Received) == 2


def test_what_another_source_of_the_inbox_holds_too_is_kept_and_becomes_no_ticket(cast: Cast) -> None:
    raw = mail()
    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:1", raw)], {"uid": 1}))
    ledger.store(cast.inbox, "All Mail", Batch([RawItem("All Mail:1:1", raw), RawItem("All Mail:1:2", mail())], {"uid": 2}))
    receive.drain(cast.inbox.id)
    assert (count(Received), count(Ticket)) == (3, 2)
    assert db.session.scalars(select(Received.source_key).where(Received.reason == "copy")).all() == ["All Mail:1:1"]


def test_history_is_kept_and_becomes_no_ticket(cast: Cast) -> None:
    batch = Batch([RawItem("1:1", mail(), history=True), RawItem("1:2", mail())], {"uid": 2})
    assert ledger.store(cast.inbox, "INBOX", batch) == 2
    receive.drain(cast.inbox.id)
    assert (count(Received), count(Ticket)) == (2, 1)


def test_one_bad_item_does_not_hold_up_its_neighbours(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = place.opened

    def break_on_poison(inbox, identity, message):
        if message.subject == "poison":
            raise ValueError("cannot be placed")
        return real(inbox, identity, message)

    monkeypatch.setattr(place, "opened", break_on_poison)
    cast.receive(mail(subject="one"), mail(subject="poison"), mail(subject="three"))
    assert set(db.session.scalars(select(Ticket.subject))) == {"one", "three"}
    [row] = db.session.scalars(select(Received).where(Received.status == "pending")).all()
    assert "cannot be placed" in row.error
    assert row.next_attempt_at is not None


def test_the_last_failure_quarantines_and_a_retry_gives_fresh_tries(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(place, "opened", lambda *_: 1 / 0)
        cast.receive(mail())
        row = db.session.scalars(select(Received)).one()
        for _ in range(receive.ATTEMPTS):
            row.next_attempt_at = None
            db.session.commit()
            receive.drain(cast.inbox.id)
    assert row.status == "quarantined"
    assert count(Ticket) == 0
    receive.retry(row.id)
    receive.drain(cast.inbox.id)
    assert (row.status, count(Ticket)) == ("done", 1)


def test_an_item_that_keeps_killing_its_worker_is_quarantined_unread(cast: Cast) -> None:
    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:1", mail())], {"uid": 1}))
    row = db.session.scalars(select(Received)).one()
    row.attempts = receive.ATTEMPTS  # tries are counted before an item is touched
    db.session.commit()
    receive.drain(cast.inbox.id)
    assert (row.status, count(Ticket)) == ("quarantined", 0)


def test_a_lost_database_is_nobodys_fault(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(*_: object) -> None:
        raise OperationalError("select", {}, Exception("server closed the connection"))

    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:1", mail())], {"uid": 1}))
    with monkeypatch.context() as broken:
        broken.setattr(receive, "arrive", lose)
        with pytest.raises(OperationalError):
            receive.drain(cast.inbox.id)
    row = db.session.scalars(select(Received)).one()
    assert (row.status, row.error) == ("pending", "")


def test_retrying_what_is_not_waiting_is_refused(cast: Cast) -> None:
    cast.ticket()
    with pytest.raises(NotFound):
        receive.retry(db.session.scalars(select(Received.id)).one())


def test_a_reply_reopens_a_closed_ticket_unless_a_machine_wrote_it(cast: Cast) -> None:
    ticket = cast.ticket()
    ticket.status = "closed"
    db.session.commit()
    own_id = messages(ticket)[0].message_id
    cast.receive(mail(in_reply_to=f"<{own_id}>", Auto_Submitted="auto-replied", text="Tatildeyim"))
    assert ticket.status == "closed"
    cast.receive(mail(in_reply_to=f"<{own_id}>", text="Hâlâ gelmedi"))
    assert (ticket.status, ticket.closed_at) == ("open", None)
    assert [entry.kind for entry in db.session.scalars(select(Entry).order_by(Entry.id))][-2:] == ["message", "status"]


def test_attachments_are_kept_byte_for_byte_and_once(cast: Cast) -> None:
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import SMTP

    data = bytes(range(256)) * 40
    raws = []
    for number in range(2):
        built = message_from_bytes(mail(subject=f"ek {number}"), policy=SMTP)
        assert isinstance(built, EmailMessage)
        built.add_attachment(data, maintype="image", subtype="jpeg", filename="kutu içi.jpg")
        raws.append(built.as_bytes())
    cast.receive(*raws)
    files = [file for ticket in db.session.scalars(select(Ticket)) for file in messages(ticket)[0].attachments]
    assert [(file.filename, file.size) for file in files] == [("kutu içi.jpg", len(data))] * 2
    assert bytes(files[0].blob.data) == data
    assert files[0].sha256 == files[1].sha256


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0\0\0", b"\xff\xfe garbage", b"From: \r\n\r\n", b"Subject: only\r\n", mail(subject="x\0y" if False else "x")],
    ids=["empty", "nul", "garbage", "no sender", "headers only", "plain"],
)
def test_any_bytes_become_a_ticket(cast: Cast, raw: bytes) -> None:
    cast.receive(raw)
    assert count(Ticket) == 1
    assert db.session.scalars(select(Received.status)).one() == "done"


def test_a_copy_of_our_own_message_is_ignored(cast: Cast) -> None:
    from helpdesk.tickets.outgoing.reply import Writing, reply

    ticket = cast.ticket()
    entry = reply(cast.burak, ticket.id, Writing(text="Yolda."), undo_seconds=0)
    cast.receive(mail(sender="Lodos Ev Destek <destek@lodosev.example>", message_id=f"<{entry.message.message_id}>"))
    assert count(Message) == 2
    assert db.session.scalars(select(Received.status).order_by(Received.id.desc())).first() == "ignored"


def test_two_customers_with_one_subject_have_two_tickets(cast: Cast) -> None:
    cast.receive(mail(subject="Sipariş"), mail(subject="Sipariş", sender=DANIEL))
    assert count(Ticket) == 2


def test_a_mail_of_forty_megabytes_and_the_next_one_are_both_read(cast: Cast) -> None:
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import SMTP

    built = message_from_bytes(mail(subject="film"), policy=SMTP)
    assert isinstance(built, EmailMessage)
    data = bytes(30_000_000)
    built.add_attachment(data, maintype="video", subtype="mp4", filename="film.mp4")
    cast.receive(built.as_bytes(), mail(subject="sonraki"))
    film, following = db.session.scalars(select(Ticket).order_by(Ticket.id)).all()
    assert messages(film)[0].attachments[0].size == len(data)
    assert following.subject == "sonraki"


def test_five_hundred_recipients_and_ten_thousand_parts_are_stored(cast: Cast) -> None:
    crowd = ", ".join(f"Kişi {number} <kisi{number}@posta.example>" for number in range(500))
    parts = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\nparça {number}\r\n" for number in range(10_000))
    head = "From: a@posta.example\r\nSubject: çok\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    cast.receive(mail(subject="kalabalık", cc=crowd), f"{head}{parts}--b--\r\n".encode(), mail(subject="sonraki"))
    crowded, many, following = db.session.scalars(select(Ticket).order_by(Ticket.id)).all()
    assert len(messages(crowded)[0].cc) == 500
    assert messages(many)[0].defects
    assert following.subject == "sonraki"


def test_what_another_worker_has_placed_meanwhile_is_left_alone(cast: Cast) -> None:
    ledger.store(cast.inbox, "INBOX", Batch([RawItem("1:1", mail()), RawItem("1:2", b"")], {"uid": 2}))
    ids = list(db.session.scalars(select(Received.id)))
    with closing(Reading(cast.inbox.id, ids)) as late:
        receive.drain(cast.inbox.id)
        before = [(row.status, row.attempts, row.done_at) for row in db.session.scalars(select(Received))]
        receive._settle(cast.inbox.id, late.results())
    db.session.expire_all()
    assert [(row.status, row.attempts, row.done_at) for row in db.session.scalars(select(Received))] == before
    assert db.session.query(Message).count() == len(ids)
