"""The inbox in a real browser: what arrives, what is answered, and what happens when two people do it."""

from __future__ import annotations

from collections.abc import Callable

from helpdesk.extensions import db
from helpdesk.tickets import actions
from helpdesk.tickets.models import Delivery, Message, Ticket
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import DANIEL, Cast, mail
from tests.rigs.wait import until
from tests.ui.screen import Screen

Open = Callable[..., Screen]


def test_the_form_lets_an_agent_into_his_inbox(cast: Cast, open_screen: Open) -> None:
    screen = open_screen()
    screen.sign_in(cast.burak.email)
    screen.page.wait_for_selector("text=Nothing is waiting")


def test_a_mail_appears_in_the_queue_by_itself(cast: Cast, open_screen: Open) -> None:
    screen = open_screen(cast.burak)
    screen.page.wait_for_selector("text=Nothing is waiting")
    ticket = cast.ticket("Kapak yok")
    screen.page.wait_for_selector(f'.row[data-number="{ticket.id}"]:has-text("Kapak yok")')
    assert screen.page.is_hidden("text=Nothing is waiting")
    screen.until("document.querySelector('[data-view=unassigned]').textContent === '1'")


def test_a_mail_for_another_team_never_reaches_the_screen(cast: Cast, open_screen: Open) -> None:
    outsider, burak = open_screen(cast.outsider), open_screen(cast.burak)
    ticket = cast.ticket("Gizli konu")
    burak.page.wait_for_selector(f'.row[data-number="{ticket.id}"]')
    own = cast.ticket("Fatura", DANIEL)
    actions.set_team(cast.ayse, own.id, cast.muhasebe.id)
    assert outsider.shows(own.id)
    assert "Gizli konu" not in outsider.page.content()


def test_a_reply_is_sent_shown_to_colleagues_and_delivered(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    burak, elif_ = open_screen(cast.burak), open_screen(cast.elif_)
    for screen in (burak, elif_):
        screen.open_ticket(ticket.id)
    elif_.page.wait_for_selector("text=Burak Öztürk viewing")
    burak.write("Kapak yola çıktı.")
    elif_.page.wait_for_selector("text=Burak Öztürk replying")
    burak.page.keyboard.press("Control+Enter")
    burak.entry("Kapak yola çıktı.")
    elif_.entry("Kapak yola çıktı.")
    assert burak.page.inner_text(".composer .prose").strip() == ""
    burak.page.wait_for_selector(".undo >> text=Goes out in")
    until(lambda: _delivery(ticket).status == "queued")


def test_an_answer_stops_the_clock_beside_the_conversation(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.page.wait_for_selector(".context .due >> nth=0 >> .clock[data-due]")
    screen.write("Bakıyorum.")
    screen.page.keyboard.press("Control+Enter")
    screen.page.wait_for_selector(".context .clock[data-at=met]")


def test_a_long_thread_opens_at_its_end_and_older_entries_come_by_scrolling(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket(text="Her şeyin başı")
    for number in range(60):
        reply.note(cast.burak, ticket.id, Writing(text=f"Not {number}"))
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.entry("Not 59")
    assert screen.page.locator(".thread [data-entry]").count() == 40
    screen.page.evaluate("document.querySelector('.scroll.latest').scrollTop = -1e6")
    screen.entry("Her şeyin başı")
    assert screen.page.locator(".thread [data-entry]").count() == 61


def test_send_and_close_opens_the_next_ticket(cast: Cast, open_screen: Open) -> None:
    first, second = cast.ticket("Bir"), cast.ticket("İki", "Daniel <daniel@mail.example>")
    screen = open_screen(cast.burak)
    screen.open_ticket(first.id)
    screen.write("Oldu.")
    screen.page.keyboard.press("Control+Shift+Enter")
    screen.page.wait_for_selector(f"#composer-{second.id}")
    screen.page.wait_for_selector(".undo")
    until(lambda: _fresh(first).status == "closed")
    screen.until(f"!document.querySelector('.row[data-number=\"{first.id}\"]')", "the closed row leaves")


def test_the_keyboard_takes_answers_and_closes_in_seven_strokes(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.page.keyboard.press("n")
    screen.page.wait_for_selector(f"#composer-{ticket.id}")
    screen.write("Tamam")
    screen.page.keyboard.press("Control+Shift+Enter")
    until(lambda: _fresh(ticket).status == "closed" and _fresh(ticket).assignee_id == cast.burak.id)


def test_changes_of_a_colleague_reach_the_open_ticket(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    actions.set_priority(cast.elif_, ticket.id, "urgent")
    actions.assign(cast.elif_, ticket.id, cast.elif_.id)
    screen.entry("set the priority to Urgent")
    screen.until("document.querySelector('#assign-menu-opener').textContent.includes('Elif')")
    screen.page.wait_for_selector('.under .prio[data-p="4"]')


def test_a_refused_change_goes_back_with_a_sentence(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    screen.page.route(f"**/tickets/{ticket.id}/status", lambda route: route.fulfill(status=500, body="{}"))
    screen.expected = ["500"]
    screen.page.keyboard.press("e")
    screen.page.wait_for_selector("#toasts >> text=Not changed")
    assert ticket.id in screen.rows()
    assert not screen.page.query_selector(f'.row[data-number="{ticket.id}"][data-gone]')


def test_a_refused_recipient_is_shown_with_the_servers_words_and_retry(cast: Cast, open_screen: Open) -> None:
    ticket = cast.ticket()
    entry = reply.reply(cast.burak, ticket.id, Writing(text="Merhaba"), undo_seconds=300)
    delivery = db.session.query(Delivery).filter_by(message_id=entry.message_id).one()
    delivery.status, delivery.code, delivery.detail = "failed", "recipient", "550 5.1.1 No such user"
    db.session.commit()
    screen = open_screen(cast.burak)
    screen.open_ticket(ticket.id)
    shown = screen.entry("550 5.1.1 No such user")
    shown.get_by_role("button", name="Retry").click()
    until(lambda: _delivery(ticket).status != "failed")


def test_html_mail_runs_nothing_and_loads_nothing(cast: Cast, open_screen: Open) -> None:
    html = "<table><tr><td>Merhaba <script>parent.document.title='x'</script><img src='https://evil.example/p.png'></td></tr></table>"
    cast.receive(mail(text="Merhaba", html=html))
    ticket = db.session.query(Ticket).one()
    screen = open_screen(cast.burak)
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    screen.open_ticket(ticket.id)
    frame = screen.page.frame_locator("iframe.mail")
    frame.locator("text=Merhaba").first.wait_for()
    assert not [url for url in asked if "evil.example" in url]
    assert frame.locator("script").count() == 0
    assert "Temas" in screen.page.title()


def _fresh(ticket: Ticket) -> Ticket:
    db.session.rollback()
    db.session.refresh(ticket)
    return ticket


def _delivery(ticket: Ticket) -> Delivery:
    db.session.rollback()
    return (
        db.session.query(Delivery).join(Message).filter(Message.ticket_id == ticket.id).order_by(Delivery.id.desc()).first()
    )  # type: ignore[return-value]


def _sent(ticket: Ticket) -> int:
    db.session.rollback()
    return db.session.query(Delivery).join(Message).filter(Message.ticket_id == ticket.id).count()
