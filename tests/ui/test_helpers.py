"""What helps to write, in a real browser: canned replies by a few keys, and the forms that they are written in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpdesk.canned import actions as canned
from helpdesk.canned.actions import Form
from helpdesk.canned.models import CannedReply
from helpdesk.extensions import db
from helpdesk.macros import actions as macros
from helpdesk.tickets.models import Message, Ticket
from tests.cast import Cast
from tests.rigs.wait import until
from tests.ui.screen import Screen

Open = Callable[..., Screen]

VARIANTS = pytest.mark.parametrize(("theme", "size", "language"), [("light", "desk", "en"), ("dark", "phone", "tr")])


def shelf(cast: Cast) -> CannedReply:
    """Two canned replies, of which one has two languages."""
    canned.add(cast.elif_, Form("İade koşulları", {"tr": "<p>İade ücretsizdir.</p>"}, "all", folder="İade"))
    texts = {"tr": "<p>Merhaba {{ customer.first_name }}, kargo <b>yolda</b>.</p>", "en": "<p>Hello, on its way.</p>"}
    return canned.add(cast.elif_, Form("Kargo yolda", texts, "all", folder="Kargo", shortcut="ky"))


def test_taking_answering_with_a_canned_reply_and_closing_takes_seven_keystrokes(cast: Cast, open_screen: Open) -> None:
    shelf(cast)
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    strokes = ["n", ";", "k", "y", "Enter", "Control+Shift+Enter"]
    screen.page.keyboard.press(strokes[0])
    screen.page.wait_for_selector(f"#composer-{ticket.id}[data-ready]")
    for stroke in strokes[1:5]:
        screen.page.keyboard.press(stroke)
    screen.page.wait_for_selector(".composer .prose strong:has-text('yolda')")
    screen.page.keyboard.press(strokes[5])
    until(lambda: _fresh(ticket).status == "closed")
    sent = db.session.query(Message).filter_by(ticket_id=ticket.id, direction="outbound").one()
    assert (sent.text, ticket.assignee_id) == ("Merhaba Şükran, kargo yolda.", cast.burak.id)
    assert len(strokes) <= 7


def test_a_semicolon_between_words_finds_one_in_another_language(cast: Cast, open_screen: Open) -> None:
    shelf(cast)
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Peki; ")
    screen.page.keyboard.type(";")
    screen.page.wait_for_selector("#canned-picker[open] [role=option]")
    screen.page.keyboard.press("Escape")
    screen.until("document.querySelector('.composer .prose').innerText.trim() === 'Peki; ;'")
    screen.page.keyboard.press("Backspace")
    screen.page.keyboard.type(";yold")
    screen.page.wait_for_selector("#canned-picker .shown strong, #canned-picker .shown b")
    screen.page.click("#canned-picker .tongues >> text=English")
    screen.page.wait_for_selector("#canned-picker .shown >> text=on its way")
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector(".composer .prose >> text=Hello, on its way.")


@VARIANTS
def test_the_picker_and_its_settings_are_accessible(
    cast: Cast, open_screen: Open, theme: str, size: str, language: str
) -> None:
    reply = shelf(cast)
    ticket = cast.ticket()
    screen = open_screen(cast.elif_, theme=theme, size=size, language=language)
    screen.go(f"/tickets/{ticket.id}")
    screen.page.wait_for_selector(".composer[data-ready]")
    screen.page.click(".composer [data-key=';']")
    screen.page.wait_for_selector("#canned-picker .shown .prose p")
    assert screen.axe() == []
    for path in ("", "/new", f"/{reply.id}"):
        look(screen, f"/settings/canned-replies{path}", edited=bool(path))
    screen.page.wait_for_selector("#preview-html >> text=Hello")
    made = macros.add(cast.elif_, macros.Form("Kapat", {"status": "closed", "reply": "<p>Selam</p>"}, key="1"))
    look(screen, "/settings/macros", edited=False)
    look(screen, f"/settings/macros/{made.id}", edited=True)
    screen.page.wait_for_selector("#preview-does li")
    assert screen.axe() == []


def look(screen: Screen, path: str, *, edited: bool) -> None:
    """The page is accessible, and no wider than the window."""
    screen.go(path)
    if edited:
        screen.page.wait_for_selector(".in.rich .prose")
    assert screen.axe() == [], path
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_digit_runs_a_macro_and_u_takes_all_of_it_back(cast: Cast, open_screen: Open) -> None:
    steps = {"status": "closed", "priority": "high", "reply": "<p>Oldu bitti</p>"}
    macros.add(cast.burak, macros.Form("Çöz ve kapat", steps, key="1"))
    ticket, other = cast.ticket(), cast.ticket("Sonraki", "Daniel <daniel@mail.example>")
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.page.keyboard.press(".")
    screen.page.hover("#macro-menu [data-macro]")
    screen.page.wait_for_selector("#macro-does >> text=Status: Closed")
    assert screen.axe() == []
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("1")
    screen.page.wait_for_selector(f"#composer-{other.id}")
    assert (_fresh(ticket).status, ticket.priority_name) == ("closed", "high")
    screen.page.wait_for_selector(".undo")
    screen.page.keyboard.press("u")
    screen.page.wait_for_selector("#toasts >> text=The macro was undone")
    assert (_fresh(ticket).status, ticket.priority_name) == ("new", "normal")


def test_a_colleague_is_named_in_a_note_and_hears_of_it(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket("Kargo kayıp")
    screen, other = open_screen(cast.burak), open_screen(cast.elif_)
    screen.open_ticket(ticket.id)
    screen.write("Bakar mısın @eli", key="c")
    screen.page.wait_for_selector(".naming [role=option][aria-selected=true] >> text=Elif Çağlayan")
    assert screen.axe() == []
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector(".composer .prose [data-mention]")
    screen.page.keyboard.press("Control+Enter")
    assert screen.entry("Bakar mısın @Elif Çağlayan").locator("[data-mention]").count() == 1
    other.page.wait_for_selector("#toasts >> text=Burak Öztürk mentioned you on")
    other.page.wait_for_selector("[data-badge=notifications]:has-text('1')")
    other.go("/notifications")
    assert other.axe() == []
    other.page.click("text=Burak Öztürk mentioned you")
    other.page.wait_for_selector(".context [data-act-method=DELETE]")
    other.page.click(".context [data-act]")
    other.page.wait_for_selector(".context [data-act-method=PUT]")
    other.page.wait_for_selector("[data-badge=notifications]", state="hidden")


def test_a_reply_for_tomorrow_waits_in_the_thread_and_comes_back_for_editing(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Yarın arıyoruz")
    screen.page.click(".composer .split > :last-child")
    assert screen.axe() == []
    screen.page.click("text=Tomorrow, 9:00")
    shown = screen.entry("Yarın arıyoruz")
    assert shown.get_attribute("data-state") == "waiting"
    assert screen.axe() == []
    shown.get_by_role("button", name="Cancel and edit").click()
    screen.page.wait_for_selector(".scheduled[data-state=cancelled]")
    screen.page.wait_for_selector(".composer .prose >> text=Yarın arıyoruz")
    assert db.session.query(Message).filter_by(ticket_id=ticket.id, direction="outbound").count() == 0


def _fresh(ticket: Ticket) -> Ticket:
    db.session.rollback()
    db.session.refresh(ticket)
    return ticket
