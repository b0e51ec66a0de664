"""What agents do to tickets, and who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.agents.models import Agent
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import actions, queries, queues
from helpdesk.tickets.models import Entry
from tests.cast import Cast, mail


def kinds() -> list[str]:
    return list(db.session.scalars(select(Entry.kind).order_by(Entry.id)))


def test_each_change_is_an_entry_with_before_and_after(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.set_priority(cast.burak, ticket.id, "high")
    actions.set_status(cast.burak, ticket.id, "on_hold")
    actions.assign(cast.burak, ticket.id, cast.elif_.id)
    actions.set_tags(cast.burak, ticket.id, ["kapak", " kapak ", "#iade"])
    data = [entry.data for entry in db.session.scalars(select(Entry).order_by(Entry.id))][1:]
    assert kinds() == ["message", "priority", "status", "assignee", "tags"]
    assert data[0] == {"from": "normal", "to": "high"}
    assert data[2] == {"from": None, "to": "Elif Çağlayan", "agent": cast.elif_.id}
    assert ticket.tags == ["kapak", "iade"]
    assert ticket.version == 6


def test_a_change_to_what_is_already_so_is_nothing(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.set_priority(cast.burak, ticket.id, "normal")
    actions.set_status(cast.burak, ticket.id, "new")
    assert kinds() == ["message"]


def test_values_that_do_not_exist_are_refused(cast: Cast) -> None:
    ticket = cast.ticket()
    for attempt in (
        lambda: actions.set_status(cast.burak, ticket.id, "gone"),
        lambda: actions.set_priority(cast.burak, ticket.id, "panic"),
        lambda: actions.assign(cast.burak, ticket.id, 999_999),
        lambda: actions.set_team(cast.burak, ticket.id, 999_999),
        lambda: actions.set_tags(cast.burak, ticket.id, [f"t{number}" for number in range(31)]),
    ):
        with pytest.raises(Invalid):
            attempt()


def test_nobody_gets_a_ticket_that_he_could_not_see(cast: Cast) -> None:
    ticket = cast.ticket()
    with pytest.raises(Invalid, match="Oya Yabancı"):
        actions.assign(cast.burak, ticket.id, cast.outsider.id)


def test_moving_to_a_team_takes_the_ticket_from_who_cannot_follow(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.take(cast.burak, ticket.id)
    actions.set_team(cast.burak, ticket.id, cast.muhasebe.id)
    assert (ticket.team, ticket.assignee) == (cast.muhasebe, None)
    with pytest.raises(NotFound):
        queries.get(cast.burak, ticket.id)
    assert queries.get(cast.outsider, ticket.id) is ticket


def test_a_ticket_that_a_colleague_took_is_not_taken_twice(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.take(cast.elif_, ticket.id)
    with pytest.raises(Conflict, match="Elif Çağlayan"):
        actions.take(cast.burak, ticket.id)


def test_twenty_who_press_next_at_once_get_twenty_different_tickets(cast: Cast, app: Flask) -> None:
    cast.receive(*(mail(subject=f"Soru {number}") for number in range(20)))
    agent_id = cast.burak.id
    db.session.commit()

    def press() -> int:
        with app.app_context():
            ticket = actions.take_next(db.session.get(Agent, agent_id))
            assert ticket is not None
            return ticket.id

    with ThreadPoolExecutor(20) as pool:
        taken = [future.result() for future in [pool.submit(press) for _ in range(20)]]
    assert len(set(taken)) == 20
    assert actions.take_next(cast.burak) is None


@pytest.mark.parametrize(
    "verb",
    [
        lambda agent, number: actions.set_status(agent, number, "closed"),
        lambda agent, number: actions.set_priority(agent, number, "high"),
        lambda agent, number: actions.assign(agent, number, agent.id),
        lambda agent, number: actions.take(agent, number),
        lambda agent, number: actions.set_team(agent, number, None),
        lambda agent, number: actions.set_tags(agent, number, ["x"]),
        lambda agent, number: actions.set_subject(agent, number, "x"),
        lambda agent, number: actions.mark_unread(agent, number, False),
    ],
)
def test_an_outsider_changes_nothing(cast: Cast, verb) -> None:
    ticket = cast.ticket()
    with pytest.raises(NotFound):
        verb(cast.outsider, ticket.id)
    assert kinds() == ["message"]


def test_queues_hold_what_their_agent_may_see_nearest_deadline_first(cast: Cast) -> None:
    cast.receive(mail(subject="normal"), mail(subject="acil"), mail(subject="kapanan"))
    normal, urgent, closed = sorted(queues.page(cast.burak, "open").ids)
    actions.set_priority(cast.burak, urgent, "urgent")
    actions.set_status(cast.burak, closed, "closed")
    from helpdesk import reactions

    reactions.react()
    assert queues.page(cast.burak, "open").ids == [urgent, normal]
    assert queues.page(cast.burak, "closed").ids == [closed]
    assert queues.page(cast.outsider, "open").ids == []
    assert queues.counts(cast.burak) == {"open": 2, "unassigned": 2, "mine": 0, "late": 0}
    assert queues.counts(cast.outsider) == {"open": 0, "unassigned": 0, "mine": 0, "late": 0}


def test_a_queue_is_read_page_by_page_without_gaps_or_doubles(cast: Cast) -> None:
    cast.receive(*(mail(subject=f"Soru {number}") for number in range(25)))
    actions.set_team(cast.ayse, 1005, None)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = queues.page(cast.burak, "open", after=cursor, limit=7)
        seen += page.ids
        if (cursor := page.next) is None:
            break
    assert sorted(seen) == list(range(1001, 1026))
    assert len(seen) == len(set(seen))


def test_an_unreadable_cursor_starts_at_the_top_and_an_unknown_view_is_not_found(cast: Cast) -> None:
    cast.ticket()
    assert len(queues.page(cast.burak, "open", after="rubbish").ids) == 1
    with pytest.raises(NotFound):
        queues.page(cast.burak, "nothing")
