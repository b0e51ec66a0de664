"""What happens at an awkward moment: before a script has come, while a page is on its way, between two frames."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import APIResponse, Route

from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.cast import DANIEL, Cast
from tests.ui.screen import Screen

Open = Callable[..., Screen]


class Held:
    """Answers of the server to these URLs, which it has given but which reach the page only when they are let go."""

    def __init__(self, screen: Screen, url: str) -> None:
        self.page, self.holds = screen.page, True
        self.waiting: list[tuple[Route, APIResponse]] = []
        self.page.route(url, self._hold)

    def until_asked(self) -> None:
        """Wait until there is something to hold."""
        while not self.waiting:
            self.page.wait_for_timeout(10)

    def let_go(self) -> None:
        """Give the page what it asked for, and hold nothing any more."""
        self.until_asked()
        self.holds = False
        for route, answer in self.waiting:
            route.fulfill(response=answer)

    def _hold(self, route: Route) -> None:
        if self.holds:
            self.waiting.append((route, route.fetch()))
        else:
            route.continue_()


def test_what_comes_between_the_page_and_its_script_is_not_missed(cast: Cast, open_screen: Open) -> None:
    seen = cast.ticket()
    screen = open_screen(cast.burak)
    script = Held(screen, "**/js/live.js*")
    screen.page.goto(f"{screen.address}/inbox?ticket={seen.id}", wait_until="commit")
    screen.page.wait_for_selector(f"#composer-{seen.id}")
    other = cast.ticket("Lid", DANIEL)
    actions.set_priority(cast.elif_, seen.id, "urgent")
    ear = open_screen(cast.elif_)
    ear.page.wait_for_selector(f'.row[data-number="{other.id}"]')
    script.let_go()
    screen.page.wait_for_selector(f'.row[data-number="{other.id}"]')
    screen.entry("set the priority to Urgent")


def test_a_key_that_is_quicker_than_its_script_works_when_it_has_come(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    script = Held(screen, "**/js/composer.js*")
    screen.page.goto(f"{screen.address}/inbox?ticket={ticket.id}", wait_until="commit")
    script.until_asked()
    screen.page.keyboard.press("c")
    script.let_go()
    screen.page.wait_for_selector(".composer[data-way=note] .prose:focus")


def test_what_is_typed_right_after_the_key_goes_into_the_reply(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Merhaba")
    screen.page.keyboard.press("Escape")
    screen.page.evaluate("window.requestAnimationFrame = () => 0")  # the next frame is long in coming
    screen.page.keyboard.type("re")
    assert screen.page.locator(".composer .prose").inner_text() == "Merhabae"


def test_a_row_that_arrives_while_the_list_is_fetched_stays(cast: Cast, open_screen: Open) -> None:
    first = cast.ticket()
    screen = open_screen(cast.burak)
    rows = Held(screen, "**/inbox/rows*")
    screen.page.evaluate("document.querySelector('.queue .row').remove()")
    screen.page.evaluate("document.dispatchEvent(new CustomEvent('temas:missed', { detail: { kind: 'queue' } }))")
    rows.until_asked()
    second = cast.ticket("Lid", DANIEL)
    screen.page.wait_for_selector(f'.row[data-number="{second.id}"]')
    rows.let_go()
    screen.page.wait_for_selector(f'.row[data-number="{first.id}"]')
    assert second.id in screen.rows()


def test_what_is_marked_unread_by_hand_stays_so_though_it_is_open(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    burak, elif_ = open_screen(cast.burak), open_screen(cast.elif_)
    elif_.page.wait_for_selector(".row[data-unread]")
    for screen in (burak, elif_):
        screen.open_ticket(ticket.id)
    burak.page.wait_for_selector(".row:not([data-unread])")
    burak.page.keyboard.press("m")
    for screen in (burak, elif_):
        screen.page.wait_for_selector(".row[data-unread]")
    actions.set_priority(cast.ayse, ticket.id, "urgent")
    for screen in (burak, elif_):
        screen.entry("set the priority to Urgent")
        screen.page.wait_for_selector('.row[data-unread] .prio[data-p="4"]')
    db.session.rollback()
    assert db.session.get_one(Ticket, ticket.id).unread
