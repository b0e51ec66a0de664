"""Two tickets become one on every screen that shows them, and two again by one press."""

from __future__ import annotations

from collections.abc import Callable

from helpdesk.tickets.merging.links import link
from tests.cast import DANIEL, Cast, mail
from tests.ui.screen import Screen

Open = Callable[..., Screen]


def test_a_ticket_is_merged_by_hand_seen_by_a_colleague_and_parted_again(cast: Cast, open_screen: Open) -> None:
    kept, merged = cast.ticket("Kapak yok"), cast.ticket("Hâlâ yok", text="Bir hafta oldu.")
    burak, elif_ = open_screen(cast.burak), open_screen(cast.elif_)
    burak.open_ticket(merged.id)
    elif_.open_ticket(kept.id)
    burak.page.click("#more-opener")
    burak.page.click("#more-menu >> text=Merge …")
    burak.page.wait_for_selector(f'dialog.chooser[open] [data-number="{kept.id}"]')
    burak.page.keyboard.press("Enter")
    burak.page.wait_for_selector(f"#composer-{kept.id}")
    burak.entry("Bir hafta oldu.")
    elif_.entry("Bir hafta oldu.")
    elif_.until(f"!document.querySelector('.queue .row[data-number=\"{merged.id}\"]')")
    burak.page.click(".toast >> text=Undo")
    burak.page.wait_for_selector(f"#composer-{merged.id}")
    elif_.entry("undid the merge")
    elif_.until("![...document.querySelectorAll('.thread .entry')].some(one => one.textContent.includes('Bir hafta oldu.'))")


def test_whoever_looks_at_a_merged_ticket_is_led_on_with_what_he_typed(cast: Cast, open_screen: Open) -> None:
    kept, merged = cast.ticket("No lid", DANIEL), cast.ticket("Kapak yok")
    burak, elif_ = open_screen(cast.burak), open_screen(cast.elif_)
    elif_.open_ticket(merged.id)
    elif_.write("Yarım kalan")
    elif_.page.wait_for_selector(".composer .hint >> text=Draft kept")
    burak.open_ticket(merged.id)
    burak.page.click("#more-opener")
    burak.page.click("#more-menu >> text=Merge …")
    burak.page.fill("dialog.chooser input", "daniel")
    burak.page.click(f'dialog.chooser [data-number="{kept.id}"]')
    burak.page.wait_for_selector("dialog.chooser >> text=neither customer sees")
    assert burak.axe() == []
    burak.page.click("text=Merge all the same")
    burak.page.wait_for_selector(f"#composer-{kept.id}")
    elif_.page.wait_for_selector(".over >> text=merged this ticket into")
    elif_.page.click(f".conv .head >> text=Open #{kept.id}")
    elif_.page.wait_for_selector(f"#composer-{kept.id} >> text=Yarım kalan")


def test_a_message_is_split_off_and_a_parent_asks_before_it_closes(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket("Kapak yok")
    cast.receive(mail(subject=f"[#{ticket.id}]", text="Bir de tava eğri."))
    child = cast.ticket("Fatura")
    link(cast.burak, ticket.id, child.id, "child")
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.page.keyboard.press("e")
    screen.page.wait_for_selector("#sure[open] >> text=1 child ticket is still open")
    screen.page.click("#sure >> text=Cancel")
    screen.entry("Bir de tava eğri.").locator('[data-action="conversation#split"]').click()
    screen.page.fill("dialog.chooser #subject", "Tava eğri")
    screen.page.click("text=Split off")
    screen.page.wait_for_selector('.conv .head h2:text-is("Tava eğri")')
    screen.entry("split this off from")
