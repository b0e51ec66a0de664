"""Writing in a real browser: replies, notes, files, drafts, and taking back."""

from __future__ import annotations

from collections.abc import Callable

from helpdesk.extensions import db
from helpdesk.tickets.models import Delivery, Message, Ticket
from tests.cast import Cast, mail
from tests.rigs.wait import until
from tests.ui.screen import Screen

Open = Callable[..., Screen]


def test_undo_takes_the_reply_back_into_the_composer(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Yanlış kişiye yazdım")
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Yanlış kişiye yazdım")
    screen.page.wait_for_selector(".undo")
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("u")
    screen.page.wait_for_selector(".entry[data-undone]")
    screen.until("document.querySelector('.composer .prose').innerText.includes('Yanlış kişiye')")
    assert _delivery(ticket).status == "cancelled"


def test_a_reply_to_what_was_not_seen_asks_first(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Bugün gönderiyoruz.")
    screen.page.evaluate("document.querySelector('[data-thread]').dataset.thread = 'elsewhere'")
    screen.page.route("**/socket.io/**", lambda route: route.abort())
    answered = screen.page.evaluate(f"fetch('/tickets/{ticket.id}/entries').then(page => page.status)")
    assert answered == 200
    _answer_behind_the_back(cast, ticket, screen)
    screen.page.keyboard.press("Control+Enter")
    screen.expected = ["409"]
    dialog = screen.page.locator("#stale")
    dialog.wait_for()
    assert "Evde yokum" in dialog.inner_text()
    dialog.get_by_role("button", name="Edit the reply").click()
    screen.until("document.querySelector('.composer .prose').innerText.includes('Bugün gönderiyoruz')")
    assert _sent(ticket) == 0
    screen.page.click(".composer .prose")
    screen.page.keyboard.press("Control+Enter")
    dialog.wait_for()
    dialog.get_by_role("button", name="Send anyway").click()
    until(lambda: _sent(ticket) == 1)


def test_a_half_typed_reply_survives_a_redrawing_of_the_page(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Yarım kalan cümle")
    screen.page.evaluate("Turbo.visit(location.href, { action: 'replace' })")
    screen.until("!document.documentElement.hasAttribute('aria-busy')")
    screen.until("document.querySelector('.composer .prose')?.innerText.includes('Yarım kalan')")
    screen.page.reload()
    screen.page.wait_for_selector(f'.row[data-number="{ticket.id}"] .draft:has-text("Yarım kalan")')
    screen.page.wait_for_selector(".composer .prose:has-text('Yarım kalan')")


def test_a_draft_follows_its_author_to_another_browser(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    first = open_screen(cast.burak)
    first.open_ticket(ticket.id)
    with first.page.expect_response("**/draft"):
        first.write("Öbür bilgisayarda sürecek")
    second = open_screen(cast.burak)
    second.open_ticket(ticket.id)
    second.page.wait_for_selector(".composer:has-text('Öbür')")


def test_an_attached_file_goes_with_the_reply(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Ekte.")
    file = {"name": "fatura.txt", "mimeType": "text/plain", "buffer": b"1.180 TL"}
    screen.page.set_input_files(".composer input[type=file]", files=[file])  # type: ignore[list-item]
    screen.page.wait_for_selector(".files .chip:not([data-busy]) >> text=fatura.txt")
    screen.page.keyboard.press("Control+Enter")
    shown = screen.entry("Ekte.")
    link = shown.locator("a.file")
    assert "fatura.txt" in link.inner_text()
    answer = screen.page.request.get(screen.address + str(link.get_attribute("href")))
    assert answer.body() == b"1.180 TL"


def test_a_pasted_image_stands_in_the_reply(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Bakın: ")
    screen.page.evaluate(PASTE_IMAGE)
    screen.page.wait_for_selector(".composer .prose img")
    screen.page.keyboard.press("Control+Enter")
    image = screen.entry("Bakın:").locator(".prose img")
    image.wait_for()
    assert screen.page.evaluate("image => image.decode().then(() => image.naturalWidth)", image.element_handle()) == 1
    stored = db.session.query(Message).filter_by(ticket_id=ticket.id, direction="outbound").one()
    assert "cid:" in stored.html
    assert stored.attachments[0].inline


def test_a_file_that_is_too_large_is_refused_before_it_travels(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Ekte.")
    screen.page.evaluate("document.querySelector('.composer').dataset.composerLimitValue = 100")
    screen.page.evaluate(ATTACH_LARGE)
    screen.page.wait_for_selector("#toasts >> text=too large")
    assert not screen.page.query_selector(".files .chip")


def test_a_note_stays_inside(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Depoya sordum", key="c")
    screen.page.keyboard.press("Control+Enter")
    shown = screen.entry("Depoya sordum")
    assert shown.get_attribute("data-way") == "note"
    assert _sent(ticket) == 0


PASTE_IMAGE = """async () => {
  const bytes = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="), c => c.charCodeAt(0))
  const data = new DataTransfer()
  data.items.add(new File([bytes], "ekran.png", { type: "image/png" }))
  document.querySelector(".composer .prose").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))
}"""

ATTACH_LARGE = """() => {
  const data = new DataTransfer()
  data.items.add(new File([new Uint8Array(200)], "buyuk.bin"))
  const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
  document.querySelector(".conv").dispatchEvent(event)
}"""


def _answer_behind_the_back(cast: Cast, ticket: Ticket, screen: Screen) -> None:
    """A customer's mail that this window's live connection does not bring."""
    screen.page.evaluate("document.addEventListener('temas:entry:added', event => event.stopImmediatePropagation(), true)")
    first = db.session.query(Message).filter_by(ticket_id=ticket.id).first()
    assert first is not None
    cast.receive(mail(subject="Re: Kapak yok", text="Evde yokum", in_reply_to=f"<{first.message_id}>"))


def _delivery(ticket: Ticket) -> Delivery:
    db.session.rollback()
    return (
        db.session.query(Delivery).join(Message).filter(Message.ticket_id == ticket.id).order_by(Delivery.id.desc()).first()
    )  # type: ignore[return-value]


def _sent(ticket: Ticket) -> int:
    db.session.rollback()
    return db.session.query(Delivery).join(Message).filter(Message.ticket_id == ticket.id).count()


def test_recipients_are_chips_and_a_supplier_is_asked_apart(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket(subject="Kapak")
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Merhaba Şükran Hanım")
    screen.page.locator(".composer .open").click()
    bcc = screen.page.get_by_label("Bcc", exact=True).and_(screen.page.locator("input"))
    bcc.fill('"Veli, Ali" <ali@posta.example>, destek+x@lodosev.example')
    bcc.press("Enter")
    screen.page.locator(".toast", has_text="own inboxes").wait_for()
    assert screen.page.locator(".composer .chip").all_inner_texts() == ["Şükran Işıldak", "Veli, Ali"]
    bcc.fill("")
    screen.page.locator(".composer .prose").click()
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Merhaba Şükran Hanım")
    assert _message("Merhaba Şükran Hanım").bcc == [{"address": "ali@posta.example", "name": "Veli, Ali"}]

    screen.page.get_by_role("button", name="Forward").first.click()
    screen.page.keyboard.type("tedarik@supplier.example")
    screen.page.keyboard.press("Enter")
    screen.page.locator(".composer .prose").click()
    screen.page.keyboard.type("Stokta var mı?")
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Stokta var mı?")
    asked = _message("Stokta var mı?")
    assert asked.subject == f"Fwd: Kapak [#{ticket.id}/1]"
    cast.receive(mail(sender="Tedarik <tedarik@supplier.example>", in_reply_to=f"<{asked.message_id}>", text="Var, yarın."))
    screen.entry("Var, yarın.").get_by_role("button", name="Reply there").click()
    screen.page.keyboard.type("Gönderin.")
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Gönderin.")
    assert _message("Gönderin.").side_conversation_id == asked.side_conversation_id
    assert [person["address"] for person in _message("Gönderin.").to] == ["tedarik@supplier.example"]
    assert screen.problems == []


def test_what_is_begun_for_the_customer_never_goes_to_a_third_party(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.write("Sayın Şükran Hanım, özür dileriz")
    screen.page.get_by_role("button", name="Forward").first.click()
    screen.page.keyboard.type("tedarik@supplier.example")
    screen.page.keyboard.press("Enter")
    screen.page.locator(".composer .prose").click()
    screen.page.keyboard.type("Stokta var mı?")
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Stokta var mı?")
    assert "özür" not in _message("Stokta var mı?").text

    screen.page.locator(".composer .prose", has_text="Sayın Şükran Hanım, özür dileriz").wait_for()
    screen.page.reload()
    screen.page.locator(".composer", has_text="Sayın Şükran Hanım, özür dileriz").wait_for()
    screen.page.locator(".composer .prose").click()
    screen.page.keyboard.press("Control+Enter")
    screen.entry("Sayın Şükran Hanım, özür dileriz")
    assert _message("Sayın Şükran Hanım, özür dileriz").side_conversation_id is None
    assert screen.problems == []


def _message(text: str) -> Message:
    db.session.rollback()
    found: Message = db.session.query(Message).filter_by(text=text).one()
    return found
