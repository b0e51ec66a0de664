"""A mail as it was sent: what its frame lets through, its pictures by our own address, and its odd links."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from helpdesk import clock, picture_budget, remote, signed_links
from helpdesk.template_helpers import linked
from helpdesk.tickets.models import Message
from tests.cast import Cast, mail, messages, sign_in

HTML = (
    '<p>Merhaba</p><img src="https://shop.example/a.png"><img src="https://shop.example/b.png">'
    '<img src="https://t.example/o.gif" width=1 height=1>'
    '<a href="https://evil.example/x">https://banka.com.tr</a><a href="https://shop.example/">Mağaza</a>'
)
PICTURE = remote.Picture(b"GIF89a...", "image/gif")


@pytest.fixture
def message(cast: Cast) -> Message:
    ticket = cast.ticket("Bülten")
    cast.receive(mail(html=HTML, in_reply_to=f"<{messages(ticket)[0].message_id}>"))
    return messages(ticket)[-1]


@pytest.fixture
def burak(client: FlaskClient, cast: Cast) -> FlaskClient:
    sign_in(client, cast.burak)
    return client


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def fetch(url: str) -> remote.Picture:
        asked.append(url)
        return PICTURE

    monkeypatch.setattr(remote, "picture", fetch)
    return asked


def frame(client: FlaskClient, message: Message, query: str = "", language: str = "en") -> str:
    answer = client.get(
        f"/tickets/{message.ticket_id}/messages/{message.id}/frame{query}", headers={"Accept-Language": language}
    )
    assert answer.status_code == 200
    return answer.text


def sources(page: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<img src="([^"]*)"', page)]


def test_the_frame_runs_nothing_and_names_what_it_left_out(burak: FlaskClient, message: Message) -> None:
    answer = burak.get(f"/tickets/{message.ticket_id}/messages/{message.id}/frame")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
    assert 'name="referrer" content="no-referrer"' in answer.text
    assert 'data-said="2 remote images hidden · 1 tracker removed" data-more' in answer.text
    assert all(source.startswith("data:image/gif") for source in sources(answer.text))
    assert "shop.example/a.png" not in answer.text and "t.example" not in answer.text


def test_a_frame_that_did_not_change_is_not_made_again(burak: FlaskClient, message: Message) -> None:
    url = f"/tickets/{message.ticket_id}/messages/{message.id}/frame"
    etag = burak.get(url).headers["ETag"]
    again = burak.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert burak.get(f"{url}?images=1", headers={"If-None-Match": etag}).status_code == 200


def test_pictures_come_through_us_when_they_are_asked_for(burak: FlaskClient, message: Message, fetched: list[str]) -> None:
    page = frame(burak, message, "?images=1")
    assert 'data-said="1 tracker removed"' in page and "data-more" not in page
    first, second = sources(page)
    answer = burak.get(first)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PICTURE.data, "image/gif")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    assert fetched == ["https://shop.example/a.png"]
    assert second == sources(frame(burak, message, "?images=1"))[1]


def test_it_is_no_proxy_for_anything_else(
    burak: FlaskClient, message: Message, fetched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [url, _] = sources(frame(burak, message, "?images=1"))
    other = quote("https://elsewhere.example/a.png", safe="")
    for forged in (
        re.sub(r"url=[^&]*", f"url={other}", url),
        re.sub(r"until=\d+", "until=99999999999", url),
        re.sub(r"key=\w+", "key=", url),
        f"/messages/{message.id}/picture?url={other}",
    ):
        assert burak.get(forged).status_code == 403, forged
    later = SimpleNamespace(now=lambda: clock.now() + timedelta(days=3))
    monkeypatch.setattr("helpdesk.signed_links.clock", later)
    assert burak.get(url).status_code == 403
    assert fetched == []


def test_an_outsider_gets_neither_frame_nor_pictures(
    client: FlaskClient, cast: Cast, message: Message, fetched: list[str]
) -> None:
    url = signed_links.picture(message.id, "https://shop.example/a.png")
    trust = f"/messages/{message.id}/sender/trust"
    assert client.get(url).status_code == 302
    sign_in(client, cast.outsider)
    assert client.get(url).status_code == 404
    assert client.get(f"/tickets/{message.ticket_id}/messages/{message.id}/frame").status_code == 404
    assert client.post(trust).status_code == 404
    assert fetched == []


def test_a_picture_that_does_not_come_says_why(burak: FlaskClient, message: Message) -> None:
    answer = burak.get(signed_links.picture(message.id, "http://127.0.0.1/a.png") + "&lang=tr")
    assert (answer.status_code, answer.mimetype) == (502, "image/svg+xml")
    assert "Görsel gösterilmedi: kapalı adres" in answer.text


def test_pictures_end_with_the_days_budget_and_begin_anew_the_next_day(
    burak: FlaskClient, message: Message, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], picture_megabytes=1))
    monkeypatch.setattr(remote, "picture", lambda _url: remote.Picture(bytes(500_000), "image/png"))
    today = clock.now()
    with clock.at(today):
        url = signed_links.picture(message.id, "https://shop.example/a.png")
        assert [burak.get(url).status_code for _ in range(3)] == [200, 200, 502]
        assert "enough for today" in burak.get(url, headers={"Accept-Language": "en"}).text
    with clock.at(today + timedelta(days=1)):
        assert not picture_budget.is_used_up()


def test_a_trusted_senders_pictures_are_shown_until_he_is_asked_about_again(burak: FlaskClient, message: Message) -> None:
    assert "data-more" in frame(burak, message)
    assert burak.post(f"/messages/{message.id}/sender/trust").status_code == 204
    assert sources(frame(burak, message))[0].startswith("/messages/")
    assert "sukran@posta.example" in burak.get("/profile").text
    burak.post("/profile/senders/removal", data={"sender": "sukran@posta.example"})
    assert "data-more" in frame(burak, message)


@pytest.mark.parametrize(
    ("sender", "status"), [("@posta.example", 303), ("@POSTA.example ", 303), ("posta", 422), ("@", 422)]
)
def test_a_whole_domain_can_be_trusted(burak: FlaskClient, message: Message, sender: str, status: int) -> None:
    assert burak.post("/profile/senders", data={"sender": sender}).status_code == status
    assert ("data-more" in frame(burak, message)) == (status == 422)


@pytest.mark.parametrize(("policy", "asked", "first"), [("never", "?images=1", "data:"), ("always", "", "/messages/")])
def test_the_installation_can_decide_for_everybody(
    app: Flask, burak: FlaskClient, message: Message, monkeypatch: pytest.MonkeyPatch, policy: str, asked: str, first: str
) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], remote_images=policy))
    page = frame(burak, message, asked)
    assert sources(page)[0].startswith(first) and "data-more" not in page
    known = signed_links.picture(message.id, "http://127.0.0.1/a.png")
    assert burak.get(known).status_code == (403 if policy == "never" else 502)


def test_quoted_history_is_folded_in_the_frame_as_in_the_text(burak: FlaskClient, cast: Cast) -> None:
    quote = "On Mon, 2 Nov 2026 at 10:00, Destek wrote:"
    text = f"Teşekkürler, tamam.\n\n{quote}\n> Kapak yolda."
    html = f'<p>Teşekkürler, tamam.</p><div class="gmail_quote">{quote}<blockquote>Kapak yolda.</blockquote></div>'
    cast.receive(mail(text=text, html=html))
    page = frame(burak, Message.query.order_by(Message.id.desc()).first())
    shown, folded = page.split('<details class="quoted"><summary title="Quoted text and signature"')
    assert "Teşekkürler" in shown and "Kapak yolda." in folded


def test_links_show_where_they_go_and_odd_ones_ask_first(burak: FlaskClient, message: Message) -> None:
    page = frame(burak, message)
    assert (
        'href="https://shop.example/" target="_blank" rel="noopener noreferrer nofollow" title="https://shop.example/"'
        in page
    )
    assert '<bdi class="goes-to">evil.example</bdi>' in page
    [odd] = [unescape(found) for found in re.findall(r'href="(/links[^"]*)"', page)]
    warning = burak.get(odd)
    assert warning.status_code == 200 and "<bdi>evil.example</bdi>" in warning.text
    assert "The text says banka.com.tr, but the link leads to evil.example." in warning.text
    assert 'href="https://evil.example/x"' in warning.text
    assert burak.get(odd.replace("evil", "other")).status_code == 403


def test_odd_links_in_plain_text_ask_first_too(app: Flask) -> None:
    with app.test_request_context():
        assert 'href="https://shop.example/a?b=1&amp;c"' in linked("bkz. https://shop.example/a?b=1&c")
        assert 'href="/links?url=https%3A%2F%2Fxn--pypal-4ve.com%2F' in linked("https://xn--pypal-4ve.com/")
        assert isinstance(linked("http://10.0.0.1/x"), Markup) and 'href="/links?' in linked("http://10.0.0.1/x")
