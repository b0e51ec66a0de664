"""Answering by the link in the mail: the customer's side, and what the agent gets to see."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk import clock, reactions
from helpdesk.extensions import db
from helpdesk.surveys import tokens
from helpdesk.surveys.models import Invitation
from helpdesk.tickets import actions
from helpdesk.tickets.models import Entry, Ticket
from tests.cast import Cast


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """A closed ticket whose customer was invited."""
    ticket = cast.ticket()
    actions.close(cast.burak, ticket.id)
    reactions.react()
    return ticket


@pytest.fixture
def url(ticket: Ticket) -> str:
    return f"/s/{tokens.make(db.session.query(Invitation).one().id)}"


def answers() -> list[Entry]:
    db.session.expire_all()
    return list(db.session.query(Entry).filter_by(kind="survey_answered"))


@pytest.mark.parametrize("query", ["", "?score=1", "?score=5&lang=tr", "?change=1", "?score=99", "?score=abc"])
def test_looking_never_votes(client: FlaskClient, url: str, query: str) -> None:
    for method in ("GET", "HEAD"):
        assert client.open(url + query, method=method).status_code == 200
    assert answers() == []
    assert db.session.query(Invitation).one().score is None


def test_a_score_tapped_in_the_mail_is_only_preselected(client: FlaskClient, url: str) -> None:
    page = client.get(url + "?score=4&lang=en").text
    assert 'value="4" data-chosen' in page
    assert "Send: Good" in page


def test_one_tap_is_an_entry_of_ticket_and_customer(client: FlaskClient, url: str, ticket: Ticket) -> None:
    response = client.post(url, data={"score": "4"})
    assert response.status_code == 303
    [entry] = answers()
    assert (entry.ticket_id, entry.customer_id) == (ticket.id, ticket.customer_id)
    assert (entry.actor_kind, entry.actor_name) == ("customer", "Şükran Işıldak")
    assert entry.data["score"] == 4 and entry.data["kind"] == "csat" and entry.data["comment"] == ""
    assert "Thank you" in client.get(response.location + "?lang=en").text


def test_the_comment_updates_the_same_entry(client: FlaskClient, url: str) -> None:
    client.post(url, data={"score": "2"})
    assert client.post(url + "/comment", data={"comment": "  Kapak yine\r\n22 cm. <script>  "}).status_code == 303
    [entry] = answers()
    assert entry.data["score"] == 2 and entry.data["comment"] == "Kapak yine\n22 cm. <script>"
    assert "<script>" not in client.get(url).text


def test_the_entry_is_pushed_when_it_is_written_and_when_it_changes(app: Flask, client: FlaskClient, url: str) -> None:
    redis = app.extensions["redis"]
    for path, data in ((url, {"score": "2"}), (url + "/comment", {"comment": "Yine 22 cm"}), (url, {"score": "3"})):
        redis.delete("temas:live:noted")
        client.post(path, data=data)
        assert f"entry:{answers()[0].id}".encode() in redis.smembers("temas:live:noted")


def test_the_score_can_be_changed_within_a_day(client: FlaskClient, url: str) -> None:
    client.post(url, data={"score": "2"})
    client.post(url + "/comment", data={"comment": "Olmadı"})
    assert 'value="5"' in client.get(url + "?change=1").text
    client.post(url, data={"score": "5"})
    [entry] = answers()
    assert entry.data["score"] == 5 and entry.data["comment"] == "Olmadı"


def test_after_a_day_the_answer_stands(client: FlaskClient, url: str) -> None:
    client.post(url, data={"score": "2"})
    db.session.query(Invitation).one().answered_at = clock.now() - timedelta(hours=25)
    db.session.commit()
    assert client.post(url, data={"score": "5"}).status_code == 409
    assert client.post(url + "/comment", data={"comment": "x"}).status_code == 409
    assert answers()[0].data["score"] == 2
    assert client.get(url + "?change=1").status_code == 200


@pytest.mark.parametrize("score", ["", "0", "6", "-1", "4.5", "abc", "²", "9" * 50])
def test_what_is_no_score_is_refused(client: FlaskClient, url: str, score: str) -> None:
    assert client.post(url, data={"score": score}).status_code == 422
    assert answers() == []


def test_a_comment_before_the_score_is_refused(client: FlaskClient, url: str) -> None:
    assert client.post(url + "/comment", data={"comment": "x"}).status_code == 409


def test_a_forged_link_gets_a_friendly_page(client: FlaskClient, url: str) -> None:
    number, _, signature = url.removeprefix("/s/").partition("-")
    for forged in (f"{int(number) + 1}-{signature}", f"{number}-{'0' * 32}", number, "x" * 500, f"{'9' * 30}-{signature}"):
        for response in (client.get(f"/s/{forged}?lang=en"), client.post(f"/s/{forged}", data={"score": "5"})):
            assert response.status_code == 404
        assert "does not lead to a survey" in client.get(f"/s/{forged}?lang=en").text
    assert answers() == []


def test_an_expired_link_gets_a_friendly_page(client: FlaskClient, url: str) -> None:
    db.session.query(Invitation).one().created_at = clock.now() - timedelta(days=31)
    db.session.commit()
    assert client.get(url + "?lang=en").status_code == 410
    assert client.post(url, data={"score": "5"}).status_code == 410
    assert answers() == []


def test_two_taps_at_once_are_one_answer(app: Flask, url: str) -> None:
    barrier = Barrier(6)

    def tap(score: int) -> None:
        with app.app_context():
            barrier.wait()
            app.test_client().post(url, data={"score": str(score)})

    threads = [Thread(target=tap, args=(1 + number % 5,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [entry] = answers()
    assert entry.data["score"] == db.session.query(Invitation).one().score


def test_the_page_is_hidden_from_search_engines_and_caches(client: FlaskClient, url: str) -> None:
    response = client.get(url)
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert response.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in response.text
    assert "Set-Cookie" not in response.headers


def test_the_page_speaks_the_customers_language_and_can_be_switched(client: FlaskClient, url: str) -> None:
    assert '<html lang="tr"' in client.get(url).text
    assert '<html lang="en"' in client.get(url + "?lang=en").text
    assert client.post(url + "?lang=en", data={"score": "3"}).location.endswith("?lang=en")


def test_too_many_votes_from_one_address_are_slowed_down(app: Flask, client: FlaskClient, url: str) -> None:
    codes = [client.post(url, data={"score": "3"}).status_code for _ in range(32)]
    assert 429 in codes and codes[0] == 303


@pytest.mark.parametrize("score", ["9" * 5000, "²", "-1", "5\0"])
def test_a_score_that_is_no_number_is_refused(client: FlaskClient, url: str, score: str) -> None:
    assert client.post(url, data={"score": score}).status_code == 422
    assert answers() == []
