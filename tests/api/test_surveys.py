"""Survey responses over the API."""

from __future__ import annotations

from datetime import timedelta

from helpdesk import clock
from helpdesk.extensions import db
from helpdesk.surveys.models import Invitation
from tests.api.caller import Caller
from tests.api.counting import queries
from tests.cast import Cast


def answer(cast: Cast, score: int | None, minutes: int = 0) -> Invitation:
    ticket = cast.ticket()
    answered = clock.now() + timedelta(minutes=minutes) if score else None
    invitation = Invitation(
        survey_id=1, ticket_id=ticket.id, customer_id=ticket.customer_id, score=score, comment="Sağ olun",
        answered_at=answered,
    )  # fmt: skip
    db.session.add(invitation)
    db.session.commit()
    return invitation


def test_a_response_says_who_thought_what_of_which_ticket(cast: Cast, burak: Caller) -> None:
    invitation = answer(cast, 5)
    answer(cast, None)
    found = burak.get("/surveys/responses").json
    assert len(found["items"]) == 1
    response = found["items"][0]
    assert set(response) == {"id", "kind", "score", "comment", "ticket", "customer", "channel", "answered_at"}
    assert (response["kind"], response["score"], response["comment"]) == ("csat", 5, "Sağ olun")
    assert (response["ticket"], response["channel"]) == (invitation.ticket_id, "email")
    assert response["customer"] == {"id": invitation.customer_id, "name": "Şükran Işıldak"}


def test_responses_are_paged_newest_first_and_filtered(cast: Cast, burak: Caller) -> None:
    tickets = [answer(cast, score, minutes=score).ticket_id for score in (3, 5, 1)]
    first = burak.get("/surveys/responses", limit=2).json
    rest = burak.get("/surveys/responses", limit=2, cursor=first["next"]).json
    assert [one["score"] for one in first["items"] + rest["items"]] == [5, 3, 1]
    assert [one["score"] for one in burak.get("/surveys/responses", ticket=tickets[2]).json["items"]] == [1]
    assert burak.get("/surveys/responses", kind="nps").json["items"] == []
    assert len(burak.get("/surveys/responses", kind="csat", customer=1).json["items"]) == 3


def test_an_outsider_sees_no_response(cast: Cast, outsider: Caller) -> None:
    invitation = answer(cast, 5)
    assert outsider.get("/surveys/responses").json["items"] == []
    assert outsider.get("/surveys/responses", ticket=invitation.ticket_id).json["items"] == []


def test_a_page_takes_the_same_queries_however_long(cast: Cast, burak: Caller) -> None:
    answer(cast, 5)
    burak.get("/surveys/responses")
    with queries() as few:
        burak.get("/surveys/responses")
    for _ in range(4):
        answer(cast, 4)
    with queries() as many:
        assert len(burak.get("/surveys/responses").json["items"]) == 5
    assert len(many) == len(few) <= 6, "\n".join(many)
