"""axe-core finds nothing on any screen, in either theme, at either width, in either language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import Cast, mail
from tests.ui.screen import Screen

Open = Callable[..., Screen]

VARIANTS = pytest.mark.parametrize(
    ("theme", "size", "language"),
    [(theme, size, language) for theme in ("light", "dark") for size in ("desk", "phone") for language in ("en", "tr")],
)


@VARIANTS
def test_the_inbox_is_accessible(cast: Cast, open_screen: Open, theme: str, size: str, language: str) -> None:
    ticket = _story(cast)
    screen = open_screen(cast.burak, theme=theme, size=size, language=language)
    assert screen.axe() == []
    screen.open_ticket(ticket.id)
    assert screen.axe() == []
    screen.page.click(".composer .split > :last-child")
    assert screen.axe() == []


@VARIANTS
def test_other_screens_are_accessible(cast: Cast, open_screen: Open, theme: str, size: str, language: str) -> None:
    ticket = _story(cast)
    stranger = open_screen(theme=theme, size=size, language=language)
    stranger.go("/login")
    assert stranger.axe() == []
    screen = open_screen(cast.elif_, theme=theme, size=size, language=language)
    screen.expected = ["404"]
    for path in ("/inbox?view=late", f"/tickets/{ticket.id}", "/profile", "/nowhere"):
        screen.go(path)
        assert screen.axe() == [], path


def test_menus_and_the_key_sheet_are_accessible(cast: Cast, open_screen: Open) -> None:
    ticket = _story(cast)
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    for key, menu in (("a", "#assign-menu"), ("p", "#priority-menu"), ("t", "#tags-menu"), ("s", "#status-menu")):
        screen.page.keyboard.press(key)
        screen.page.wait_for_selector(f"{menu}:popover-open")
        assert screen.axe() == [], menu
        screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("?")
    screen.page.wait_for_selector("#key-sheet[open] li")
    assert screen.axe() == []


def _story(cast: Cast) -> Ticket:
    """A ticket with everything that a thread can show, and a late one beside it."""
    other = cast.ticket("Gecikmiş", "gec@posta.example")
    other.due_at, other.due_kind = clock.now() - timedelta(minutes=4), "first_response"
    ticket = cast.ticket("Tencere seti: gelen kapak yanlış boy")
    actions.take(cast.burak, ticket.id)
    actions.set_priority(cast.burak, ticket.id, "urgent")
    actions.set_tags(cast.burak, ticket.id, ["eksik-parça"])
    entry = reply.reply(cast.burak, ticket.id, Writing(html="<p>Merhaba <b>Şükran</b></p><ul><li>kapak</li></ul>"))
    assert entry.message is not None
    delivery = entry.message.deliveries[0]
    delivery.status, delivery.code, delivery.detail = "failed", "recipient", "550 No such user"
    reply.note(cast.elif_, ticket.id, Writing(text="Depoya sordum."))
    first = f"<{entry.message.message_id}>"
    table = "<table><tr><td>Saat 15’ten sonra evde yokum.</td></tr></table>"
    cast.receive(mail(subject="Re: Tencere", text="Saat 15’ten sonra evde yokum.", html=table, in_reply_to=first))
    db.session.commit()
    return ticket
