"""What is sent below an answer: the signature and the history, and that our own reader folds it away again."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select

from channels.visible_reply import visible_html, visible_text
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets import below, deliveries
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.recipients import Chosen
from helpdesk.tickets.reply import reply
from helpdesk.tickets.writing import Writing
from tests.cast import DANIEL, Cast, mail, messages

SIGNATURE = "{{agent.name}}\n{{inbox.name}} · {{team.name}} · #{{ticket.number}}"


def answered(cast: Cast, ticket: Ticket, html: str = "<p>Kapak <b>yolda</b>.</p>", **changes: object) -> Message:
    message = reply(cast.burak, ticket.id, Writing(html=html), **changes).message  # type: ignore[arg-type]
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("language", "introduction"),
    [
        ("tr", "22 Kas 2026 17:05 tarihinde Şükran Işıldak <sukran@posta.example> yazdı:"),
        ("en", "On 22 Nov 2026 14:05 UTC, Şükran Işıldak <sukran@posta.example> wrote:"),
    ],
)
def test_the_history_is_introduced_in_the_readers_language_and_time(cast: Cast, language: str, introduction: str) -> None:
    with time_machine.travel("2026-11-22T14:05:00Z", tick=False):
        ticket = cast.ticket()
        ticket.customer.language = language
        message = answered(cast, ticket)
    assert below.as_text(message) == f"Kapak yolda.\n\n{introduction}\n> Merhaba, kapak çıkmadı."


def test_our_own_reader_finds_the_reply_again(cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"signature_tr": SIGNATURE})
    for language in ("tr", "en"):
        ticket = cast.ticket()
        ticket.customer.language = language
        answered(cast, ticket, "<p>Bakıyoruz.</p>")
        cast.receive(mail(in_reply_to=f"<{messages(ticket)[0].message_id}>", text="Ne zaman?"))
        message = answered(cast, ticket)
        for read in (visible_text(below.as_text(message)), visible_html(below.as_html(message))):
            assert read.visible == "Kapak yolda."
            assert "Burak Öztürk" in read.signature
            assert "Ne zaman?" in read.hidden and "Bakıyoruz." in read.hidden


def test_only_what_the_recipient_has_seen_is_quoted(cast: Cast) -> None:
    ticket = cast.ticket(text="Fiyatı gizli tutun.")
    stranger = answered(cast, ticket, chosen=Chosen(to=[DANIEL], cc=[]))
    assert below.as_text(stranger) == "Kapak yolda."
    copied = answered(cast, ticket, chosen=Chosen(bcc=[DANIEL]))
    later = answered(cast, ticket, chosen=Chosen(to=["daniel@mail.example"], cc=[]))
    assert "Fiyatı" in below.as_text(copied)
    assert copied.id not in later.quoted and later.quoted == [stranger.id]


def test_what_was_taken_back_is_not_quoted(cast: Cast) -> None:
    ticket = cast.ticket()
    gone = answered(cast, ticket, "<p>Yanlış söyledim.</p>", undo_seconds=10)
    deliveries.undo(cast.burak, ticket.id, gone.id)
    assert "Yanlış" not in below.as_text(answered(cast, ticket))


def test_a_long_history_is_cut(cast: Cast) -> None:
    ticket = cast.ticket(text="Uzun " * 20_000)
    assert len(below.as_text(answered(cast, ticket))) < below.QUOTED_CHARS + 500


def test_an_inbox_may_send_no_history(cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"quote_history": "no"})
    assert below.as_text(answered(cast, cast.ticket())) == "Kapak yolda."


def test_the_signature_is_the_agents_then_the_inboxs_in_the_customers_language(cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"quote_history": "no", "signature_tr": "Saygılar", "signature_en": "Regards"})
    cast.burak.signature = "{{agent.name}}"
    ticket = cast.ticket()
    ticket.customer.language = "en"
    message = answered(cast, ticket)
    assert below.as_text(message) == "Kapak yolda.\n\n-- \nBurak Öztürk\n\nRegards"
    inboxes.change(cast.inbox, {}, {"signature_en": "", "signature_tr": "{{agent.signature}}, {{team.name}}"})
    assert answered(cast, ticket).signature == "Burak Öztürk, Destek"
    db.session.refresh(message)
    assert message.signature == "Burak Öztürk\n\nRegards"  # what was written before stays as it was


def test_a_text_is_sent_as_text_alone(cast: Cast) -> None:
    message = reply(cast.burak, cast.ticket().id, Writing(text="Kapak yolda.")).message
    assert message is not None and below.as_html(message) == ""


@pytest.mark.parametrize(
    "template",
    ["{{agent.password}}", "{{nobody}}", "{{agent}}", "{{agent.name", "{% for x in 'abc' %}x{% endfor %}",
     "{{ ''.__class__ }}", "{{ agent.name|map('x') }}", "{{ range(9) }}", "x" * 5000],
)  # fmt: skip
def test_a_signature_that_cannot_be_filled_in_is_refused_when_it_is_saved(cast: Cast, template: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inboxes.change(cast.inbox, {}, {"signature_en": template})
    assert list(refusal.value.errors) == ["signature_en"]
    assert db.session.scalars(select(Ticket)).all() == []
