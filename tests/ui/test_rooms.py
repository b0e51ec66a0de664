"""Who hears what: rooms are joined by right, and left when the right ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import socketio

from helpdesk.agents import staff
from helpdesk.agents.models import Agent
from helpdesk.tickets import actions
from helpdesk.tickets.reply import Writing, note
from tests.cast import Cast
from tests.rigs.wait import until


class Ear:
    """A connected client that remembers what it hears."""

    def __init__(self, address: str, token: str) -> None:
        self.heard: list[tuple[str, int]] = []
        self.rooms: dict[str, dict[str, object]] = {}
        self.client = socketio.Client(reconnection=False)
        for event in ("ticket:changed", "entry:added"):
            self.client.on(event, lambda detail, event=event: self.heard.append((event, detail["number"])))
        self.client.on("rooms:closed", self._enter)
        self.client.connect(address, auth={"token": token}, transports=["websocket"], wait_timeout=15)

    def _enter(self, _detail: object) -> None:
        for event, detail in self.rooms.items():
            self.client.emit(event, detail)

    def join(self, event: str, detail: dict[str, object]) -> bool:
        self.rooms[event] = detail
        return bool(self.client.call(event, detail, timeout=15))


@pytest.fixture
def listen(web: str, workers: None, cast: Cast) -> Iterator[Callable[[Agent], Ear]]:
    ears: list[Ear] = []

    def one(agent: Agent) -> Ear:
        ears.append(Ear(web, cast.token(agent)))
        return ears[-1]

    yield one
    for ear in ears:
        ear.client.disconnect()


def test_joins_that_an_agent_may_not_make_are_refused(cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    ticket = cast.ticket()
    burak, outsider = listen(cast.burak), listen(cast.outsider)
    assert burak.join("ticket:join", {"number": ticket.id})
    assert not outsider.join("ticket:join", {"number": ticket.id})
    assert not outsider.join("ticket:join", {"number": "1; drop table"})
    assert not outsider.join("queue:join", {"view": "nothing"})


def test_a_stranger_is_not_let_in(web: str, cast: Cast) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        Ear(web, "temas_nonsense")


def test_a_moved_ticket_is_heard_no_more_by_who_may_not_see_it(cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    ticket = cast.ticket()
    burak, ayse = listen(cast.burak), listen(cast.ayse)
    for ear in (burak, ayse):
        assert ear.join("ticket:join", {"number": ticket.id})
    actions.set_team(cast.ayse, ticket.id, cast.muhasebe.id)
    assert not burak.join("ticket:join", {"number": ticket.id})
    assert ayse.join("ticket:join", {"number": ticket.id})
    burak.heard.clear()
    note(cast.ayse, ticket.id, Writing(text="Yalnız Muhasebe için."))
    until(lambda: ("entry:added", ticket.id) in ayse.heard, what="the note to be heard")
    assert burak.heard == []


def test_who_leaves_a_team_hears_its_queue_no_more(cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    burak, elif_ = listen(cast.burak), listen(cast.elif_)
    for ear in (burak, elif_):
        assert ear.join("queue:join", {"view": "open"})
    staff.change_agent(cast.burak, email=cast.burak.email, name=cast.burak.name, role="agent", team_ids=[cast.muhasebe.id])
    for ear in (burak, elif_):
        assert ear.join("queue:join", {"view": "open"})
    ticket = cast.ticket()
    until(lambda: ("ticket:changed", ticket.id) in elif_.heard, what="the new row to be heard")
    assert burak.heard == []


def test_who_is_deactivated_hears_nothing_more(cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    burak, elif_ = listen(cast.burak), listen(cast.elif_)
    for ear in (burak, elif_):
        assert ear.join("queue:join", {"view": "open"})
    staff.set_active(cast.burak, False)
    assert not burak.join("queue:join", {"view": "open"})
    assert elif_.join("queue:join", {"view": "open"})
    ticket = cast.ticket()
    until(lambda: ("ticket:changed", ticket.id) in elif_.heard, what="the new row to be heard")
    assert burak.heard == []
