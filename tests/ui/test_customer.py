"""A customer's page and the survey in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import DANIEL, Cast
from tests.rigs.wait import until
from tests.ui.screen import Screen

Open = Callable[..., Screen]

VARIANTS = pytest.mark.parametrize(
    ("theme", "size", "language"),
    [("light", "desk", "en"), ("dark", "desk", "tr"), ("light", "phone", "tr"), ("dark", "phone", "en")],
)


def closed(cast: Cast) -> tuple[Ticket, str]:
    """A ticket that was answered and closed, and the path in its survey mail."""
    ticket = cast.ticket()
    reply.note(cast.burak, ticket.id, Writing(text="Depo bakıyor"))
    reply.reply(cast.burak, ticket.id, Writing(text="Kapak yolda."), undo_seconds=0)
    actions.close(cast.burak, ticket.id)
    found = until(lambda: _path(ticket.id), what="the survey mail")
    return ticket, found


def _path(number: int) -> str | None:
    db.session.rollback()
    texts = db.session.query(Message.text).filter_by(ticket_id=number, automatic=True, direction="outbound").all()
    found = re.search(r"/s/[0-9]+-[0-9a-f]{32}", texts[0][0]) if texts else None
    return found[0] if found else None


@VARIANTS
def test_the_survey_is_accessible_and_needs_no_script(
    cast: Cast, open_screen: Open, theme: str, size: str, language: str
) -> None:
    _ticket, path = closed(cast)
    customer = open_screen(theme=theme, size=size, language=language)
    for query in ("?lang=en", "?score=2", "?score=4&lang=en"):
        customer.go(path + query)
        assert customer.axe() == []
        assert customer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    customer.page.click("text=Send: Good")
    customer.page.wait_for_selector("text=Thank you, we have passed it on.")
    assert customer.axe() == []
    customer.expected = ["404"]
    customer.go("/s/1-forged")
    assert customer.axe() == []
    assert customer.page.evaluate("document.scripts.length") == 0


def test_one_tap_and_a_sentence_appear_live_on_the_agents_screen(cast: Cast, open_screen: Open) -> None:
    ticket, path = closed(cast)
    agent = open_screen(cast.burak)
    agent.go(f"/tickets/{ticket.id}")
    agent.page.wait_for_selector(f"#composer-{ticket.id}")
    customer = open_screen(size="phone")
    customer.go(path + "?lang=en")
    customer.page.click(".scores button[value='2']")
    answer = agent.entry("Survey answer")
    customer.page.fill("#comment", "Kapak yine 22 cm.")
    customer.page.click("text=Send")
    agent.page.wait_for_selector("text=Kapak yine 22 cm.")
    assert answer.count() == 1


@VARIANTS
def test_the_customers_pages_are_accessible(cast: Cast, open_screen: Open, theme: str, size: str, language: str) -> None:
    ticket, path = closed(cast)
    customer = open_screen(size="phone")
    customer.go(path)
    customer.page.click(".scores button[value='5']")
    screen = open_screen(cast.burak, theme=theme, size=size, language=language)
    number = ticket.customer_id
    pages = ("", f"/{number}", f"/{number}?kind=notes", f"/{number}/edit", f"/{number}/merge?q=posta", "?q=nobody")
    for page in pages:
        screen.go(f"/customers{page}")
        assert screen.axe() == [], page
        assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page


def test_the_timeline_stands_under_the_readers_own_days(cast: Cast, open_screen: Open) -> None:
    ticket, _path_of_survey = closed(cast)
    screen = open_screen(cast.burak)
    screen.go(f"/customers/{ticket.customer_id}")
    assert screen.until("document.querySelector('.life h2')?.textContent === 'Today'")
    screen.page.click(".kinds >> text=Notes")
    screen.page.wait_for_url("**kind=notes")
    assert screen.page.locator(".life li").count() == 1


def test_two_customers_are_merged_and_parted_by_buttons(cast: Cast, open_screen: Open) -> None:
    kept = cast.ticket().customer_id
    cast.ticket(subject="Lid", sender=DANIEL, text="The lid is missing")
    screen = open_screen(cast.burak)
    screen.go(f"/customers/{kept}")
    screen.page.click("text=Merge …")
    screen.page.fill("#q", "daniel")
    screen.page.keyboard.press("Enter")
    screen.page.click(".people-list button")
    screen.page.wait_for_selector("text=was merged into this customer")
    screen.page.wait_for_selector("text=The lid is missing")
    screen.page.click("text=Undo")
    screen.page.wait_for_selector("text=They are two customers again.")
    assert screen.page.locator("text=The lid is missing").count() == 0
