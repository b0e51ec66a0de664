"""Undoing a merge restores what was before, whatever has happened."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from helpdesk import reactions
from helpdesk.errors import Conflict
from helpdesk.extensions import db
from helpdesk.sla.models import Deadline
from helpdesk.tickets import actions
from helpdesk.tickets.merging.merge import merge
from helpdesk.tickets.merging.unmerge import undo
from helpdesk.tickets.models import Delivery, Draft, Entry
from helpdesk.tickets.outgoing import composing, side
from helpdesk.tickets.outgoing import reply as replies
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import DANIEL, Cast, mail, messages
from tests.tickets.merged import answered, said, snapshot, two


def test_merges_are_undone_from_the_last_to_the_first(cast: Cast) -> None:
    last, middle, first = cast.ticket("Bir"), cast.ticket("İki"), cast.ticket("Üç")
    before = snapshot()
    one, other = merge(cast.burak, first.id, middle.id), merge(cast.burak, middle.id, last.id)
    with pytest.raises(Conflict):
        undo(cast.burak, one.id)
    undo(cast.burak, other.id)
    assert (said(last.id), len(said(middle.id))) == (["Merhaba, kapak çıkmadı."], 2)
    undo(cast.burak, one.id)
    assert snapshot() == before


def test_what_came_through_its_mails_goes_back_and_what_was_written_here_stays(cast: Cast) -> None:
    kept, merged = two(cast)
    ours, own = answered(cast, merged), messages(kept)[0].message_id
    actions.close(cast.burak, merged.id)
    made = merge(cast.burak, merged.id, kept.id)
    cast.receive(mail(text="Eskiye yanıt", cc=DANIEL, in_reply_to=f"<{ours}>"), mail(text="Buraya", in_reply_to=own))
    answered(cast, kept, "Buradan yanıt")
    undo(cast.burak, made.id)
    reactions.react()
    assert said(merged.id) == ["Kapak hâlâ gelmedi.", "Bakıyoruz.", "Eskiye yanıt"]
    assert said(kept.id) == ["Merhaba, kapak çıkmadı.", "Buraya", "Buradan yanıt"]
    assert (merged.status, merged.unread, merged.last_text, kept.last_text) == (
        "open",
        True,
        "Eskiye yanıt",
        "Buradan yanıt",
    )
    assert merged.due_kind == "next_response"
    cast.receive(mail(sender=DANIEL, subject=f"[#{merged.id}]", text="Ben de"), mail(sender=DANIEL, subject=f"[#{kept.id}]"))
    assert (said(merged.id)[-1], said(kept.id)[-1]) == ("Ben de", "Buradan yanıt")
    told = db.session.scalars(select(Entry.data).where(Entry.kind == "unmerged", Entry.ticket_id == merged.id)).one()
    assert told["since"] == 1


def test_a_side_conversation_goes_along_and_comes_back_with_its_answers(cast: Cast) -> None:
    kept, merged = two(cast)
    opening = side.Opening("Kapak", Writing(text="Stokta var mı?"), Chosen(["depo@tedarik.example"]))
    asked = side.begin(cast.burak, merged.id, opening, undo_seconds=0)
    assert asked.message is not None
    made = merge(cast.burak, merged.id, kept.id)
    cast.receive(mail(sender="depo@tedarik.example", in_reply_to=f"<{asked.message.message_id}>", text="Var."))
    assert said(kept.id)[-1] == "Var."
    undo(cast.burak, made.id)
    assert said(merged.id)[-2:] == ["Stokta var mı?", "Var."]


@pytest.mark.parametrize("seed", range(6))
def test_undoing_restores_exactly_what_was_before(cast: Cast, seed: int) -> None:
    """Whatever has happened to the two before."""
    chance = random.Random(seed)  # the same story each time
    pair = two(cast)
    happenings: list[Callable[[int], object]] = [
        lambda n: replies.reply(cast.burak, n, Writing(text="Yanıt"), undo_seconds=chance.choice((0, 300))),
        lambda n: replies.note(cast.elif_, n, Writing(text="Not")),
        lambda n: cast.receive(mail(subject=f"[#{n}]", text="Daha", cc=DANIEL)),
        lambda n: actions.set_tags(cast.burak, n, [chance.choice(("kapak", "acele", "iade"))]),
        lambda n: actions.set_priority(cast.burak, n, chance.choice(("low", "high", "urgent"))),
        lambda n: actions.assign(cast.burak, n, chance.choice((cast.burak.id, cast.elif_.id, None))),
        lambda n: actions.set_status(cast.burak, n, chance.choice(("pending", "on_hold", "open", "closed"))),
        lambda n: composing.keep_draft(cast.burak, n, "reply", "<p>…</p>", 1),
        lambda n: side.begin(cast.burak, n, side.Opening("S", Writing(text="?"), Chosen(["depo@t.example"]))),
    ]
    for _ in range(8):
        chance.choice(happenings)(chance.choice(pair).id)
    db.session.execute(update(Deadline).values(due_at=Deadline.due_at + timedelta(minutes=chance.randrange(90))))
    db.session.commit()
    reactions.react()
    db.session.execute(update(Delivery).values(status="sent"))  # an invitation that has not left is withdrawn for good
    db.session.commit()
    before = snapshot()
    one, other = chance.sample([ticket.id for ticket in pair], 2)
    made = merge(cast.burak, one, other)
    reactions.react()
    undo(cast.burak, made.id)
    reactions.react()
    assert snapshot() == before


def test_a_half_typed_answer_goes_along(cast: Cast) -> None:
    kept, merged = two(cast)
    composing.keep_draft(cast.burak, merged.id, "reply", "<p>Yarım</p>", 3)
    composing.keep_draft(cast.elif_, merged.id, "reply", "<p>iki</p>", 1)
    composing.keep_draft(cast.elif_, kept.id, "reply", "<p>bir</p>", 1)
    before = snapshot()
    made = merge(cast.burak, merged.id, kept.id)
    drafts = {draft.agent_id: draft.html for draft in db.session.scalars(select(Draft).where(Draft.ticket_id == kept.id))}
    assert drafts == {cast.burak.id: "<p>Yarım</p>", cast.elif_.id: "<p>bir</p><p>iki</p>"}
    undo(cast.burak, made.id)
    assert snapshot() == before


def test_merging_into_a_closed_ticket_opens_it_for_who_waits(cast: Cast) -> None:
    kept, merged = two(cast)
    actions.close(cast.burak, kept.id)
    before = snapshot()
    made = merge(cast.burak, merged.id, kept.id)
    assert (kept.status, kept.closed_at) == ("open", None)
    undo(cast.burak, made.id)
    assert snapshot() == before
