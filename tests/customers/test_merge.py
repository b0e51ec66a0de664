"""Merging customers, and undoing it."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock
from helpdesk.customers import actions, merge
from helpdesk.customers.models import Customer, CustomerMerge
from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.surveys.models import Invitation
from helpdesk.tickets import history
from helpdesk.tickets.models import Entry, Ticket
from helpdesk.tickets.outgoing import reply as replying
from tests.cast import DANIEL, SUKRAN, Cast, mail
from tests.everything import everything

AGAIN = "Şükran <sukran@is.example>"


def two(cast: Cast) -> tuple[int, int]:
    """One person under two addresses, with a ticket each."""
    kept, merged = cast.ticket(sender=SUKRAN), cast.ticket("İşten", AGAIN, "Bir de bu var.")
    return kept.customer_id, merged.customer_id


def test_everything_of_the_one_becomes_the_others(cast: Cast) -> None:
    kept, merged = two(cast)
    actions.change(cast.burak, merged, {"company": "Lodos", "attributes": {"plan": "gold", "seats": 1}})
    actions.change(cast.burak, kept, {"attributes": {"seats": 2}})
    made = merge.merge(cast.burak, kept, merged)
    customer = db.session.get_one(Customer, kept)
    assert [identity.address for identity in customer.identities] == ["sukran@posta.example", "sukran@is.example"]
    assert {ticket.customer_id for ticket in db.session.scalars(select(Ticket))} == {kept}
    assert {entry.customer_id for entry in db.session.scalars(select(Entry))} == {kept}
    assert (customer.name, customer.company) == ("Şükran Işıldak", "Lodos")
    assert customer.attributes == {"plan": "gold", "seats": 2}
    assert db.session.get_one(Customer, merged).merged_into_id == kept
    assert made.agent_id == cast.burak.id
    assert len(history.of_customer(cast.burak, kept).items) == 2


def test_undoing_restores_exactly_what_was_before(cast: Cast) -> None:
    kept, merged = two(cast)
    invitation = Invitation(survey_id=1, ticket_id=1002, customer_id=merged, score=5, answered_at=clock.now())
    db.session.add(invitation)
    actions.change(cast.burak, merged, {"company": "Lodos", "attributes": {"plan": "gold"}, "language": "en"})
    before = everything(but=["customer_merges"])
    made = merge.merge(cast.burak, kept, merged)
    assert everything(but=["customer_merges"]) != before
    merge.undo(cast.burak, made.id)
    assert everything(but=["customer_merges"]) == before


def test_mail_to_a_merged_customer_reaches_the_one_who_took_him_over(cast: Cast) -> None:
    kept, merged = two(cast)
    merge.merge(cast.burak, kept, merged)
    cast.receive(mail(subject="Yeni", sender=AGAIN))
    assert db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first().customer_id == kept  # type: ignore[union-attr]


def test_what_happens_on_a_ticket_meanwhile_goes_back_with_it(cast: Cast) -> None:
    kept, merged = two(cast)
    made = merge.merge(cast.burak, kept, merged)
    replying.note(cast.burak, 1002, replying.Writing("Meanwhile"))
    merge.undo(cast.burak, made.id)
    assert {entry.customer_id for entry in db.session.scalars(select(Entry).where(Entry.ticket_id == 1002))} == {merged}
    assert {entry.customer_id for entry in db.session.scalars(select(Entry).where(Entry.ticket_id == 1001))} == {kept}


def test_what_was_changed_meanwhile_is_not_taken_back(cast: Cast) -> None:
    kept, merged = two(cast)
    actions.change(cast.burak, merged, {"company": "Lodos"})
    made = merge.merge(cast.burak, kept, merged)
    actions.change(cast.burak, kept, {"company": "Poyraz"})
    merge.undo(cast.burak, made.id)
    assert db.session.get_one(Customer, kept).company == "Poyraz"


def test_merges_are_undone_in_the_order_in_which_they_stand(cast: Cast) -> None:
    kept, merged = two(cast)
    third = cast.ticket("Invoice", DANIEL).customer_id
    before = everything(but=["customer_merges"])
    first, second = merge.merge(cast.burak, kept, merged), merge.merge(cast.burak, third, kept)
    with pytest.raises(Conflict):
        merge.undo(cast.burak, first.id)
    merge.undo(cast.burak, second.id)
    merge.undo(cast.burak, first.id)
    assert everything(but=["customer_merges"]) == before
    with pytest.raises(Conflict):
        merge.undo(cast.burak, first.id)


def test_what_cannot_be_merged_is_refused(cast: Cast) -> None:
    kept, merged = two(cast)
    with pytest.raises(Invalid):
        merge.merge(cast.burak, kept, kept)
    with pytest.raises(NotFound):
        merge.merge(cast.burak, kept, 77)
    with pytest.raises(NotFound):
        merge.merge(cast.outsider, kept, merged)
    made = merge.merge(cast.burak, kept, merged)
    third = cast.ticket("Invoice", DANIEL).customer_id
    for one, other in ((kept, merged), (merged, kept), (third, merged), (merged, third)):
        with pytest.raises(Conflict):
            merge.merge(cast.burak, one, other)
    with pytest.raises(Conflict):
        actions.change(cast.burak, merged, {"name": "X"})
    with pytest.raises(NotFound):
        merge.undo(cast.outsider, made.id)


def test_a_merged_customer_is_seen_by_who_sees_the_other(cast: Cast) -> None:
    from helpdesk.customers import queries

    kept, merged = two(cast)
    merge.merge(cast.burak, kept, merged)
    assert queries.get(cast.burak, merged).merged_into_id == kept
    with pytest.raises(NotFound):
        queries.get(cast.outsider, merged)
    assert [customer.id for customer in queries.listed(cast.burak).items] == [kept]


def test_tickets_that_move_look_different_afterwards(cast: Cast) -> None:
    kept, merged = two(cast)
    version = db.session.get_one(Ticket, 1002).version
    merge.merge(cast.burak, kept, merged)
    assert db.session.get_one(Ticket, 1002, populate_existing=True).version == version + 1


def test_of_two_merges_at_once_one_is_made(app: Flask, cast: Cast) -> None:
    kept, merged = two(cast)
    agent_id = cast.burak.id
    db.session.commit()
    start, outcomes = threading.Barrier(4), []

    def attempt(one: int, other: int) -> None:
        with app.app_context():
            from helpdesk.agents.models import Agent

            agent = db.session.get_one(Agent, agent_id)
            start.wait()
            try:
                merge.merge(agent, one, other)
                outcomes.append("merged")
            except Conflict:
                outcomes.append("refused")

    pairs = ((kept, merged), (merged, kept), (kept, merged), (merged, kept))
    threads = [threading.Thread(target=attempt, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["merged", "refused", "refused", "refused"]
    assert len(db.session.scalars(select(CustomerMerge)).all()) == 1


def test_mail_that_arrives_during_merges_is_never_left_with_a_merged_customer(app: Flask, cast: Cast) -> None:
    kept, merged = two(cast)
    agent_id = cast.burak.id
    db.session.commit()
    done = threading.Event()
    failures: list[BaseException] = []

    def merge_and_undo() -> None:
        from helpdesk.agents.models import Agent

        with app.app_context():
            agent = db.session.get_one(Agent, agent_id)
            try:
                for _ in range(10):
                    merge.undo(agent, merge.merge(agent, kept, merged).id)
                merge.merge(agent, kept, merged)
            except BaseException as error:
                failures.append(error)
            finally:
                done.set()

    thread = threading.Thread(target=merge_and_undo)
    thread.start()
    count = 0
    while not done.is_set() and count < 200:
        cast.receive(mail(subject=f"Mail {count}", sender=AGAIN))
        count += 1
    thread.join()
    assert not failures
    assert count
    db.session.rollback()
    assert db.session.scalars(select(Ticket.id).where(Ticket.customer_id == merged)).all() == []
    assert len(db.session.scalars(select(Ticket.id)).all()) == count + 2
