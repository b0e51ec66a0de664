"""A second matter gets a ticket of its own, and can be put back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk import reactions
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets.merging.split import split, undo
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.outgoing import reply as replies
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import DANIEL, Cast, mail, messages
from tests.tickets.merged import answered, said


def talked(cast: Cast) -> Ticket:
    """A question, our answer, and another matter in the same ticket."""
    ticket = cast.ticket()
    ours = answered(cast, ticket)
    cast.receive(mail(in_reply_to=f"<{ours}>", message_id="<two@posta.example>", text="Bir de tava eğri.", cc=DANIEL))
    return ticket


def test_a_message_gets_a_ticket_of_its_own(cast: Cast) -> None:
    ticket = talked(cast)
    done = split(cast.burak, ticket.id, messages(ticket)[2].id, subject="Tava eğri")
    reactions.react()
    made = db.session.get_one(Ticket, done.made_id)
    assert (said(ticket.id), said(made.id)) == (["Merhaba, kapak çıkmadı.", "Bakıyoruz."], ["Bir de tava eğri."])
    assert (made.subject, made.customer_id, made.team_id) == ("Tava eğri", ticket.customer_id, ticket.team_id)
    assert (made.last_text, ticket.last_text) == ("Bir de tava eğri.", "Bakıyoruz.")
    assert (made.due_kind, ticket.due_kind) == ("first_response", "resolution")
    told = select(Entry.ticket_id, Entry.kind, Entry.data["ticket"].astext).where(Entry.kind.like("split%"))
    assert db.session.execute(told.order_by(Entry.id)).all() == [
        (ticket.id, "split_off", str(made.id)),
        (made.id, "split_from", str(ticket.id)),
    ]


def test_answers_follow_what_was_moved(cast: Cast) -> None:
    ticket = talked(cast)
    replies.reply(cast.burak, ticket.id, Writing(text="Tava için özür dileriz."), undo_seconds=0)
    second, ours = messages(ticket)[2], messages(ticket)[3].message_id
    done = split(cast.burak, ticket.id, second.id, following=True)
    cast.receive(
        mail(in_reply_to=f"<{ours}>", text="Bekliyorum"),
        mail(in_reply_to="<two@posta.example>", text="Ek", subject="x"),
        mail(sender=DANIEL, subject=f"[#{done.made_id}]", text="Ben de"),
        mail(subject=f"[#{ticket.id}]", text="Kapak geldi"),
    )
    assert said(done.made_id)[2:] == ["Bekliyorum", "Ek", "Ben de"]
    assert said(ticket.id)[2:] == ["Kapak geldi"]


def test_a_split_is_undone_with_whatever_was_said_since(cast: Cast) -> None:
    ticket = talked(cast)
    waiting = ticket.due_at
    done = split(cast.burak, ticket.id, messages(ticket)[2].id)
    reactions.react()
    cast.receive(mail(in_reply_to="<two@posta.example>", text="Ek"))
    undo(cast.burak, done.id)
    reactions.react()
    assert said(ticket.id) == ["Merhaba, kapak çıkmadı.", "Bakıyoruz.", "Bir de tava eğri.", "Ek"]
    assert (ticket.last_text, ticket.due_at) == ("Ek", waiting)
    made = db.session.get_one(Ticket, done.made_id)
    assert (made.merged_into_id, made.due_at) == (ticket.id, None)
    cast.receive(mail(subject=f"[#{made.id}]", text="Yine"))
    assert said(ticket.id)[-1] == "Yine"
    with pytest.raises(Conflict):
        undo(cast.burak, done.id)


def test_what_cannot_be_split_off_is_refused(cast: Cast) -> None:
    ticket = talked(cast)
    note = replies.note(cast.burak, ticket.id, Writing(text="Not"))
    first, second = messages(ticket)[0].id, messages(ticket)[2].id
    with pytest.raises(Invalid):
        split(cast.burak, ticket.id, note.message_id or 0)
    with pytest.raises(Invalid):
        split(cast.burak, ticket.id, first, following=True)
    for agent, message in ((cast.burak, 77), (cast.outsider, second)):
        with pytest.raises(NotFound):
            split(agent, ticket.id, message)
    done = split(cast.burak, ticket.id, second)
    with pytest.raises(NotFound):
        undo(cast.outsider, done.id)
