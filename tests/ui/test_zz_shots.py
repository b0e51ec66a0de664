from __future__ import annotations
import pytest
from tests.tickets.test_cards import INSTANT, ICS, written, arrived, invited, enclosing
from tests.cast import Cast, mail, messages
from email.message import EmailMessage

@pytest.mark.parametrize(("theme", "size", "language"), [("light", "desk", "en"), ("dark", "phone", "tr"),("light", "phone", "tr")])
def test_shots(cast, open_screen, enclosing, theme, size, language):
    m = written("Davet")
    m.add_alternative(ICS.format(method="REQUEST", sequence="1", start=INSTANT, answer="ACCEPTED").replace("\n","\r\n"), subtype="calendar", params={"method":"REQUEST"})
    m.add_attachment(b"MZ", "application", "octet-stream", filename="fatura.pdf.exe")
    m.add_attachment(b"x", "application", "octet-stream", filename="bütçe.xlsm")
    m.add_attachment(b"x"*3000, "application", "pdf", filename="bütçe.pdf")
    msg = arrived(cast, m)
    g = EmailMessage()
    g["From"], g["To"], g["Subject"], g["Message-ID"] = "a@b.example", "destek@lodosev.example", "Gizli", "<g@x>"
    g.set_content(b"\x30\x80", maintype="application", subtype="pkcs7-mime", params={"smime-type": "enveloped-data"})
    secret = arrived(cast, g)
    ids = (msg.ticket_id, secret.ticket_id, enclosing.ticket_id)
    screen = open_screen(cast.burak, theme=theme, size=size, language=language)
    screen.expected=["502"]
    for n, i in enumerate(ids):
        screen.go(f"/tickets/{i}")
        screen.page.wait_for_timeout(300)
        screen.page.screenshot(path=f"/tmp/card-{size}-{theme}-{n}.png")
        assert screen.axe() == [], n
    screen.page.locator(".btn", has_text="Read" if language == "en" else "Oku").first.evaluate("a => a.removeAttribute('target')")
    screen.page.locator(".btn", has_text="Read" if language == "en" else "Oku").first.click()
    screen.page.wait_for_timeout(400)
    screen.page.screenshot(path=f"/tmp/card-{size}-{theme}-9.png")
    assert screen.axe() == []
    screen.go("/profile")
    screen.page.screenshot(path=f"/tmp/card-{size}-{theme}-8.png", full_page=True)
    assert screen.axe() == []
