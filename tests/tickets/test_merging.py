"""Two tickets become one: nothing is lost, and nobody is let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import reactions
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.sla.models import Deadline
from helpdesk.surveys.models import Invitation
from helpdesk.tickets import actions, history, queries, queues
from helpdesk.tickets.merging import moving
from helpdesk.tickets.merging.merge import merge
from helpdesk.tickets.merging.unmerge import undo
from helpdesk.tickets.models import Delivery, Entry, Ticket
from helpdesk.tickets.outgoing import deliveries, recipients
from helpdesk.tickets.outgoing import reply as replies
from helpdesk.tickets.outgoing.message import outgoing
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import DANIEL, Cast, mail, messages
from tests.tickets.merged import answered, said, two

STRANGER = "Yabancı Biri <yabanci@baska.example>"


def test_everything_of_the_one_is_read_on_the_other_in_its_time(cast: Cast) -> None:
    kept, merged = two(cast)
    answered(cast, kept, "Yeni kapak yolda.")
    actions.set_tags(cast.burak, merged.id, ["kapak"])
    actions.set_priority(cast.burak, merged.id, "urgent")
    made = merge(cast.burak, merged.id, kept.id)
    assert said(kept.id) == ["Merhaba, kapak çıkmadı.", "Kapak hâlâ gelmedi.", "Yeni kapak yolda."]
    assert (kept.tags, kept.priority_name, kept.status) == (["kapak"], "urgent", "open")
    assert (merged.status, merged.merged_into_id, made.agent_id) == ("closed", kept.id, cast.burak.id)
    came = select(Entry.kind).where(Entry.ticket_id == kept.id, Entry.came_from_id == merged.id).order_by(Entry.id)
    assert db.session.scalars(came).all() == ["message", "tags", "priority"]
    assert [entry.kind for entry in queries.timeline(cast.burak, merged)] == ["merged_into"]
    assert merged.id not in queues.page(cast.burak, "open").ids


def test_a_merged_ticket_takes_no_more_orders(cast: Cast) -> None:
    kept, merged = two(cast)
    merge(cast.burak, merged.id, kept.id)
    orders: list[Callable[[], object]] = [
        lambda: replies.reply(cast.burak, merged.id, Writing(text="x")),
        lambda: replies.note(cast.burak, merged.id, Writing(text="x")),
        lambda: actions.set_status(cast.burak, merged.id, "open"),
        lambda: actions.take(cast.burak, merged.id),
    ]
    for order in orders:
        with pytest.raises(queries.Merged) as refused:
            order()
        assert refused.value.extra == {"merged_into": kept.id}


def test_its_clocks_stop_and_who_waits_goes_on_waiting(cast: Cast) -> None:
    kept, merged = two(cast)
    answered(cast, kept)
    assert kept.due_kind == "resolution"
    waiting = merged.due_at
    merge(cast.burak, merged.id, kept.id)
    assert (merged.due_at, kept.due_at, kept.due_kind) == (None, waiting, "first_response")
    running = select(func.count()).where(Deadline.ticket_id == merged.id, Deadline.ended_at.is_(None))
    assert db.session.scalar(running) == 0
    reactions.react()
    assert db.session.scalar(running) == 0


def test_no_survey_goes_out_for_a_merged_ticket(cast: Cast) -> None:
    kept, merged = two(cast)
    merge(cast.burak, merged.id, kept.id)
    reactions.react()
    assert db.session.query(Invitation).count() == 0
    third = cast.ticket("Bir şey daha", DANIEL)
    actions.close(cast.burak, third.id)
    reactions.react()
    merge(cast.burak, third.id, kept.id)
    reactions.react()
    assert {one.status for one in db.session.query(Delivery)} == {"cancelled"}


@pytest.mark.parametrize("way", ["token", "message_id", "tag", "references"])
def test_answers_to_its_mails_land_on_the_other_over_chains_too(cast: Cast, way: str) -> None:
    last, middle, first = cast.ticket("Bir"), cast.ticket("İki"), cast.ticket("Üç")
    own, ours = messages(first)[0].message_id, answered(cast, first)
    merge(cast.burak, first.id, middle.id)
    merge(cast.burak, middle.id, last.id)
    headers: dict[str, dict[str, Any]] = {
        "token": {"in_reply_to": f"<{ours}>"},
        "message_id": {"in_reply_to": f"<{own}>"},
        "tag": {"subject": f"Ynt: [#{first.id}]"},
        "references": {"references": f"<{own}> <lost@elsewhere.example>"},
    }
    cast.receive(mail(text="Geldi mi?", **{"subject": "bambaşka", **headers[way]}))
    assert said(last.id)[-1] == "Geldi mi?"
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc()).where(Entry.kind == "message")).first()
    assert entry is not None
    assert (entry.ticket_id, entry.came_from_id) == (last.id, first.id)


def test_a_bounce_of_its_mail_is_told_on_the_other(cast: Cast) -> None:
    kept, merged = two(cast)
    ours = answered(cast, merged)
    merge(cast.burak, merged.id, kept.id)
    report = (
        "From: MAILER-DAEMON@posta.example\r\nTo: destek@lodosev.example\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nSorry\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Final-Recipient: rfc822; sukran@posta.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{ours}>\r\nSubject: x\r\n\r\ny\r\n--b--\r\n"
    )
    cast.receive(report.encode())
    assert messages(kept)[-1].automatic
    assert db.session.query(Ticket).count() == 2


def test_nobody_is_let_in_who_takes_part_in_neither(cast: Cast) -> None:
    kept, merged = two(cast)
    ours = answered(cast, merged)
    merge(cast.burak, merged.id, kept.id)
    cast.receive(mail(sender=STRANGER, in_reply_to=f"<{ours}>"), mail(sender=STRANGER, subject=f"[#{merged.id}]"))
    assert db.session.query(Ticket).count() == 4
    linked = select(Entry.ticket_id).where(Entry.kind == "linked", Entry.data["way"].astext == "after")
    assert db.session.scalars(linked).all() == [kept.id, kept.id]


def test_whoever_takes_part_in_the_one_takes_part_in_the_other(cast: Cast) -> None:
    kept = cast.ticket("Kapak yok")
    cast.receive(mail(subject="Hâlâ", cc=DANIEL))
    merged = db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert merged is not None
    merge(cast.burak, merged.id, kept.id)
    cast.receive(mail(sender=DANIEL, subject=f"[#{kept.id}]", text="Ben de yazıyorum."))
    assert said(kept.id)[-1] == "Ben de yazıyorum."


def test_of_two_customers_neither_sees_the_others_words(cast: Cast) -> None:
    kept, merged = cast.ticket("Kapak yok"), cast.ticket("No lid", DANIEL, "My lid is missing.")
    merge(cast.burak, merged.id, kept.id)
    assert [person["address"] for person in recipients.of(kept, Chosen()).all] == ["sukran@posta.example"]
    answered(cast, kept, "Kapak yolda.")
    delivery = db.session.scalars(select(Delivery)).one()
    sent = outgoing(delivery)
    foreign = messages(kept)[1].message_id
    assert "My lid" not in sent.text
    assert foreign not in (*sent.references, sent.in_reply_to)
    cast.receive(mail(sender=DANIEL, subject=f"[#{merged.id}]", text="Any news?"))
    assert [person["address"] for person in recipients.of(kept, Chosen()).all] == ["daniel@mail.example"]
    daniel = merged.customer_id
    assert [entry.kind for entry in history.of_customer(cast.burak, daniel).items] == ["merged_into", "message"]


def test_a_held_answer_of_it_can_still_be_taken_back(cast: Cast) -> None:
    kept, merged = two(cast)
    entry = replies.reply(cast.burak, merged.id, Writing(text="Yanlış"), undo_seconds=300, close=True)
    merge(cast.burak, merged.id, kept.id)
    deliveries.undo(cast.burak, merged.id, entry.message_id or 0)
    assert (kept.status, db.session.scalars(select(Delivery.status)).all()) == ("new", ["cancelled"])


def test_what_cannot_be_merged_is_refused(cast: Cast) -> None:
    kept, merged = two(cast)
    hidden = cast.ticket("Fatura")
    actions.set_team(cast.ayse, hidden.id, cast.muhasebe.id)
    with pytest.raises(Invalid):
        merge(cast.burak, kept.id, kept.id)
    for one, other in ((kept.id, hidden.id), (hidden.id, kept.id), (kept.id, 77)):
        with pytest.raises(NotFound):
            merge(cast.burak, one, other)
    made = merge(cast.burak, merged.id, kept.id)
    for one, other in ((kept.id, merged.id), (merged.id, kept.id)):
        with pytest.raises(Conflict):
            merge(cast.burak, one, other)
    with pytest.raises(NotFound):
        undo(cast.outsider, made.id)
    undo(cast.burak, made.id)
    with pytest.raises(Conflict):
        undo(cast.burak, made.id)


def test_rows_that_are_things_of_their_own_go_along(app: Flask) -> None:
    """A new table is moved when a ticket may have any number of its rows, and stays when it may not."""
    moved = {column.table.name for column in moving.columns()}
    assert moved >= {"messages", "entries", "side_conversations"}
    assert not moved & {"participants", "thread_references", "deadlines", "survey_invitations", "drafts", "ticket_links"}
