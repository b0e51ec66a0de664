"""Who hears what: rooms are joined by right, and left when the right ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import requests
import socketio

from helpdesk.agents import staff
from helpdesk.agents.models import Agent
from helpdesk.tickets import actions
from helpdesk.tickets.outgoing.reply import Writing, note
from tests.cast import PASSWORD, Cast
from tests.rigs.wait import PATIENCE, until


class Ear:
    """A connected client that remembers what it hears."""

    def __init__(self, address: str, token: str) -> None:
        self.heard: list[tuple[str, int]] = []
        self.rooms: dict[str, dict[str, object]] = {}
        self.address, self.token = address, token
        self.client = socketio.Client(reconnection=False)
        for event in ("ticket:changed", "entry:added"):
            self.client.on(event, lambda detail, event=event: self.heard.append((event, detail["number"])))
        self.client.on("rooms:closed", self._enter)
        self.connect()

    def connect(self) -> None:
        self.client.connect(self.address, auth={"token": self.token}, transports=["websocket"], wait_timeout=PATIENCE)

    def is_put_out(self) -> bool:
        return str(self.client.eio.state) == "disconnected"

    def _enter(self, _detail: object) -> None:
        for event, detail in self.rooms.items():
            self.client.emit(event, detail)

    def join(self, event: str, detail: dict[str, object]) -> bool:
        self.rooms[event] = detail
        return bool(self.client.call(event, detail, timeout=PATIENCE))


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
    until(burak.is_put_out, what="the connection to end")
    burak.connect()
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
    until(burak.is_put_out, what="the connection to end")
    with pytest.raises(socketio.exceptions.ConnectionError):
        burak.connect()
    assert elif_.join("queue:join", {"view": "open"})
    ticket = cast.ticket()
    until(lambda: ("ticket:changed", ticket.id) in elif_.heard, what="the new row to be heard")
    assert burak.heard == []


def test_who_leaves_a_team_hears_its_open_ticket_no_more(cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    ticket = cast.ticket()
    burak, elif_ = listen(cast.burak), listen(cast.elif_)
    for ear in (burak, elif_):
        assert ear.join("ticket:join", {"number": ticket.id})
    staff.change_team(cast.destek, cast.destek.name, [cast.elif_.id])
    until(burak.is_put_out, what="the connection to end")
    burak.connect()
    assert not burak.join("ticket:join", {"number": ticket.id})
    assert elif_.join("ticket:join", {"number": ticket.id})


@pytest.mark.parametrize("end", [staff.sign_out_everywhere, staff.new_password])
def test_an_ended_session_ends_its_connections(
    cast: Cast, listen: Callable[[Agent], Ear], end: Callable[[Agent], object]
) -> None:
    burak = listen(cast.burak)
    end(cast.burak)
    until(burak.is_put_out, what="the connection to end")


def test_an_admin_signs_an_agent_out_of_this_very_process(web: str, cast: Cast, listen: Callable[[Agent], Ear]) -> None:
    burak, browser = listen(cast.burak), requests.Session()

    def post(path: str, **form: str) -> requests.Response:
        page = browser.get(f"{web}{path if path == '/login' else '/profile'}", timeout=PATIENCE).text
        form["csrf_token"] = re.findall(r'name="csrf[-_]token"[^>]*(?:value|content)="([^"]+)"', page)[0]
        return browser.post(f"{web}{path}", form, headers={"Referer": web}, timeout=PATIENCE)

    assert burak.join("ticket:join", {"number": cast.ticket().id})
    assert post("/login", email=cast.ayse.email, password=PASSWORD).ok
    assert post(f"/settings/agents/{cast.burak.id}/sessions/end").ok
    until(burak.is_put_out, what="the connection to end")
