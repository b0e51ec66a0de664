"""A mail in its frame, in a real browser: pictures on demand, links that ask first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import Cast, mail, messages
from tests.ui.screen import Screen

HTML = (
    "<table><tr><td>Merhaba, <b>yaz indirimi</b> başladı.</td></tr></table>"
    '<p><img src="http://127.0.0.1/kampanya.png" width="300" height="60" alt="Kampanya"></p>'
    '<img src="http://t.example/o.gif" width="1" height="1">'
    '<p>Hesabınız için: <a href="https://giris.evil.example/hesap">https://www.banka.com.tr/giris</a></p>'
)


@pytest.mark.parametrize(("theme", "size", "language"), [("light", "desk", "en"), ("dark", "phone", "tr")])
def test_pictures_are_shown_on_demand_and_odd_links_ask_first(
    cast: Cast, open_screen: Callable[..., Screen], theme: str, size: str, language: str
) -> None:
    ticket = cast.ticket("Kampanya")
    cast.receive(mail(text="Merhaba", html=HTML, in_reply_to=f"<{messages(ticket)[0].message_id}>"))
    screen = open_screen(cast.burak, theme=theme, size=size, language=language)
    screen.expected = ["502", "/picture?"]  # nothing is fetched from this machine itself
    screen.go(f"/tickets/{ticket.id}")
    bar = screen.page.locator(".pictures:not([hidden])")
    bar.wait_for()
    said = {"en": "1 remote image hidden · 1 tracker removed", "tr": "1 uzak görsel gizlendi · 1 izleyici kaldırıldı"}
    assert bar.locator("[role=status]").inner_text() == said[language]
    assert screen.axe() == []
    with screen.page.expect_response(lambda response: "/picture?" in response.url) as answered:
        bar.locator("button").first.click()
    assert answered.value.status == 502
    frame = screen.page.frame_locator("iframe.mail")
    with screen.context.expect_page() as opened:
        frame.locator("a").click()
    warning = Screen.__new__(Screen)
    warning.page = opened.value
    assert opened.value.locator(".host").inner_text() == "giris.evil.example"
    assert warning.axe() == []
