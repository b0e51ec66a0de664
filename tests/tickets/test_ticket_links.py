"""Tickets that belong together say so on both sides."""

from __future__ import annotations

import pytest

from helpdesk.errors import Conflict, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.merging import links
from helpdesk.tickets.merging.links import link, unlink
from helpdesk.tickets.merging.merge import merge
from helpdesk.tickets.models import Entry
from tests.cast import Cast


def shown(cast: Cast, number: int) -> list[tuple[str, int]]:
    db.session.rollback()
    return [(one.way, one.ticket.id) for one in links.of(cast.burak, actions.queries.get(cast.burak, number))]


def test_a_link_is_seen_from_both_sides(cast: Cast) -> None:
    one, two, three = (cast.ticket(subject).id for subject in ("Bir", "İki", "Üç"))
    link(cast.burak, one, two, "child")
    link(cast.burak, three, one, "related")
    assert shown(cast, one) == [("child", two), ("related", three)]
    assert (shown(cast, two), shown(cast, three)) == ([("parent", one)], [("related", one)])
    told = db.session.query(Entry.ticket_id, Entry.data["way"].astext).filter(Entry.kind == "link_added")
    assert told.order_by(Entry.id).all() == [(one, "child"), (two, "parent"), (three, "related"), (one, "related")]


def test_a_link_is_removed(cast: Cast) -> None:
    one, two = cast.ticket("Bir").id, cast.ticket("İki").id
    made = link(cast.burak, one, two, "parent")
    with pytest.raises(NotFound):
        unlink(cast.outsider, made.id)
    unlink(cast.burak, made.id)
    assert shown(cast, one) == shown(cast, two) == []
    with pytest.raises(NotFound):
        unlink(cast.burak, made.id)


def test_what_cannot_be_linked_is_refused(cast: Cast) -> None:
    one, two, three = (cast.ticket(subject).id for subject in ("Bir", "İki", "Üç"))
    link(cast.burak, one, two, "child")
    link(cast.burak, two, three, "child")
    for number, other, way, refusal in (
        (one, one, "related", Invalid),
        (three, one, "child", Invalid),
        (one, three, "child", Conflict),
        (two, one, "related", Conflict),
        (one, 77, "related", NotFound),
    ):
        with pytest.raises(refusal):
            link(cast.burak, number, other, way)  # type: ignore[arg-type]
        db.session.rollback()
    with pytest.raises(NotFound):
        link(cast.outsider, one, three, "related")


def test_a_parent_knows_its_open_children(cast: Cast) -> None:
    parent, one, two = (cast.ticket(subject) for subject in ("Bir", "İki", "Üç"))
    for child in (one, two):
        link(cast.burak, parent.id, child.id, "child")
    assert links.open_children(parent) == 2
    actions.close(cast.burak, one.id)
    assert links.open_children(parent) == 1


def test_the_links_of_a_merged_ticket_are_shown_on_the_other(cast: Cast) -> None:
    one, two, three = (cast.ticket(subject).id for subject in ("Bir", "İki", "Üç"))
    link(cast.burak, two, three, "related")
    merge(cast.burak, two, one)
    assert shown(cast, one) == [("related", three)]


def test_links_to_tickets_of_other_teams_stay_unseen(cast: Cast) -> None:
    one, two = cast.ticket("Bir").id, cast.ticket("Gizli").id
    link(cast.burak, one, two, "related")
    actions.set_team(cast.ayse, two, cast.muhasebe.id)
    assert shown(cast, one) == []
