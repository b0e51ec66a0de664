"""Rows and entries are kept as HTML; whatever changes what they show is seen at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from flask_babel import force_locale

from helpdesk.agents.models import Agent
from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.kept import Kept
from helpdesk.tickets import actions, queries
from helpdesk.tickets.entries import entries_of
from helpdesk.tickets.models import Delivery
from helpdesk.tickets.outgoing import deliveries, reply
from helpdesk.tickets.outgoing.reply import Writing
from helpdesk.tickets.rows import rows_of
from tests.cast import Cast, messages


def row(number: int) -> str:
    db.session.rollback()
    return str(rows_of([number])[0])


def entries(agent: Agent, number: int) -> list[str]:
    db.session.rollback()
    return [str(entry) for entry in entries_of(agent, queries.get(agent, number))]


def test_a_row_shows_a_new_subject_name_and_assignee(cast: Cast) -> None:
    ticket = cast.ticket("Kapak yok")
    assert "Kapak yok" in row(ticket.id)
    actions.assign(cast.burak, ticket.id, cast.burak.id)
    assert cast.burak.name in row(ticket.id)
    cast.burak.name = "Burak Yeni"
    ticket.customer.name = "Şükran Yeni"
    db.session.commit()
    assert "Burak Yeni" in row(ticket.id)
    assert "Şükran Yeni" in row(ticket.id)


def test_an_entry_shows_how_its_delivery_stands_now(cast: Cast) -> None:
    ticket = cast.ticket()
    reply.reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), undo_seconds=300)
    with force_locale("en"):
        assert any("On its way" in entry for entry in entries(cast.burak, ticket.id))
        deliveries.undo(cast.burak, ticket.id, messages(ticket)[-1].id)
        assert any("Taken back" in entry for entry in entries(cast.burak, ticket.id))
        delivery = db.session.query(Delivery).one()
        delivery.status = "sent"
        db.session.commit()
        assert not any("Taken back" in entry for entry in entries(cast.burak, ticket.id))
    with force_locale("tr"):
        assert any("Gönderildi" in entry for entry in entries(cast.burak, ticket.id))


def test_an_outsider_gets_no_kept_entry(cast: Cast) -> None:
    ticket = cast.ticket()
    entries(cast.burak, ticket.id)
    with pytest.raises(NotFound):
        entries_of(cast.outsider, ticket)


def test_the_least_recently_used_fragment_makes_room(app: Flask) -> None:
    class Thing:
        def __init__(self, number: int) -> None:
            self.id = number

    asked: list[int] = []

    def load(ids: Sequence[int]) -> list[Thing]:
        asked.extend(ids)
        return [Thing(number) for number in ids]

    kept = Kept(2)
    for number in (1, 2, 1, 3, 1, 2):
        assert kept.ordered({number: ("key", number)}, load, lambda thing: f"<i>{thing.id}</i>") == [f"<i>{number}</i>"]
    assert asked == [1, 2, 3, 2]
