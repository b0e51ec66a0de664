"""The measured rules of a live list: nothing moves under the pointer, nothing is lost over a gap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.cast import Cast, mail
from tests.ui.screen import Screen

Open = Callable[..., Screen]


def test_rows_stand_by_their_deadline(cast: Cast, open_screen: Open) -> None:
    calm, urgent = _due(cast, "Sakin", minutes=300), _due(cast, "Acil", minutes=5)
    screen = open_screen(cast.burak)
    assert screen.rows() == [urgent.id, calm.id]


def test_nothing_moves_while_the_pointer_is_on_the_list(cast: Cast, open_screen: Open) -> None:
    first, second = _due(cast, "Bir", minutes=100), _due(cast, "İki", minutes=200)
    screen = open_screen(cast.burak)
    screen.page.hover(f'.row[data-number="{first.id}"]')
    second.due_at = clock.now() + timedelta(minutes=10)
    db.session.commit()
    actions.set_tags(cast.elif_, second.id, ["acele"])
    screen.page.wait_for_selector("text=1 moved")
    assert screen.rows() == [first.id, second.id]
    screen.page.click("text=1 moved")
    assert screen.shows(second.id, first.id)


def test_rows_move_by_themselves_when_nobody_is_there(cast: Cast, open_screen: Open) -> None:
    first, second = _due(cast, "Bir", minutes=100), _due(cast, "İki", minutes=200)
    screen = open_screen(cast.burak)
    second.due_at = clock.now() + timedelta(minutes=10)
    db.session.commit()
    actions.set_tags(cast.elif_, second.id, ["acele"])
    assert screen.shows(second.id, first.id)


def test_a_row_that_no_longer_belongs_leaves_its_view(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.go("/inbox?view=unassigned")
    screen.rest()
    assert screen.rows() == [ticket.id]
    actions.take(cast.elif_, ticket.id)
    screen.page.wait_for_selector("text=Every ticket has somebody")
    assert screen.shows()


def test_a_ticket_handed_to_another_team_leaves_the_screen(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    burak, oya = open_screen(cast.burak), open_screen(cast.outsider)
    assert burak.rows() == [ticket.id]
    actions.set_team(cast.ayse, ticket.id, cast.muhasebe.id)
    oya.page.wait_for_selector(f'.row[data-number="{ticket.id}"]')
    burak.until("!document.querySelector('.queue .row[data-number]')")


def test_what_was_missed_offline_is_fetched_on_return(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.expected = ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "WebSocket"]
    screen.write("Yolda")
    screen.context.set_offline(True)
    screen.page.wait_for_selector("text=You are offline.")
    screen.page.keyboard.type(".")
    screen.page.keyboard.press("Control+Enter")
    screen.page.wait_for_selector("[data-waiting] >> text=Waiting for the connection")
    other = cast.ticket("Yeni", "Daniel <daniel@mail.example>")
    actions.set_priority(cast.elif_, ticket.id, "high")
    assert other.id not in screen.rows()
    screen.context.set_offline(False)
    screen.page.wait_for_selector(f'.row[data-number="{other.id}"]', state="attached")
    screen.entry("set the priority to High")
    screen.page.wait_for_selector("text=You are offline.", state="hidden")
    # what had happened meanwhile is something to read first, and then the reply goes
    screen.entry("Yolda.")


def test_the_list_grows_as_it_is_scrolled(cast: Cast, open_screen: Open) -> None:
    cast.receive(*(mail(subject=f"Konu {number}", sender=f"kisi{number}@posta.example") for number in range(120)))
    screen = open_screen(cast.burak)
    assert len(screen.rows()) == 30
    for expected in (60, 90, 120):
        screen.page.evaluate("document.querySelector('.queue .scroll').scrollTop = 1e6")
        screen.until(f"document.querySelectorAll('.queue .row[data-number]').length === {expected}")
    assert len(set(screen.rows())) == 120


def test_who_holds_the_list_at_its_end_is_not_left_waiting_there(cast: Cast, open_screen: Open) -> None:
    cast.receive(*(mail(subject=f"Konu {number}", sender=f"kisi{number}@posta.example") for number in range(120)))
    screen = open_screen(cast.burak)
    screen.page.evaluate(
        """() => {
          const scroller = document.querySelector(".queue .scroll")
          const toTheEnd = () => { scroller.scrollTop = 1e6 }
          new MutationObserver(toTheEnd).observe(scroller.querySelector(".rows"), { childList: true })
          toTheEnd()
        }"""
    )
    screen.until("document.querySelectorAll('.queue .row[data-number]').length === 120")


def test_a_burst_of_changes_ends_in_the_newest_state(cast: Cast, open_screen: Open) -> None:
    tickets = [cast.ticket(f"Konu {number}", f"kisi{number}@posta.example") for number in range(8)]
    screen = open_screen(cast.burak)
    for priority in ("low", "high", "urgent"):
        for ticket in tickets:
            actions.set_priority(cast.elif_, ticket.id, priority)
    screen.until("document.querySelectorAll('.queue .prio[data-p=\"4\"]').length === 8")


def test_reading_a_ticket_marks_it_read_for_everybody(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    burak, elif_ = open_screen(cast.burak), open_screen(cast.elif_)
    elif_.page.wait_for_selector(".row[data-unread]")
    burak.open_ticket(ticket.id)
    elif_.page.wait_for_selector(".row:not([data-unread])")
    burak.page.keyboard.press("m")
    elif_.page.wait_for_selector(".row[data-unread]")


def _due(cast: Cast, subject: str, minutes: int) -> Ticket:
    ticket = cast.ticket(subject, f"{subject.lower()}@posta.example")
    ticket.due_at, ticket.due_kind = clock.now() + timedelta(minutes=minutes), "next_response"
    db.session.commit()
    return ticket
