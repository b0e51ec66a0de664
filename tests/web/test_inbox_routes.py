"""The inbox's routes: what they answer, and that an outsider gets nothing from any of them."""

from __future__ import annotations

import io
from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Boolean, column, func, select, table, update

from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.tickets import actions
from helpdesk.tickets.models import Attachment, Draft, Message
from helpdesk.tickets.outgoing import reply
from helpdesk.tickets.outgoing.reply import Writing
from tests.cast import Cast, mail, sign_in
from tests.rigs.wait import until

OUTSIDER_GETS_NOTHING = [
    ("GET", "/inbox?ticket={n}", None),
    ("GET", "/tickets/{n}", None),
    ("GET", "/tickets/{n}/head", None),
    ("GET", "/tickets/{n}/context", None),
    ("GET", "/tickets/{n}/entries", None),
    ("GET", "/tickets/{n}/messages/1/frame", None),
    ("GET", "/attachments/1/x.txt", None),
    ("DELETE", "/attachments/1", None),
    ("PUT", "/tickets/{n}/status", {"status": "closed"}),
    ("PUT", "/tickets/{n}/priority", {"priority": "low"}),
    ("PUT", "/tickets/{n}/assignment", {"assignee": None}),
    ("PUT", "/tickets/{n}/team", {"team": None}),
    ("PUT", "/tickets/{n}/tags", {"tags": ["x"]}),
    ("PUT", "/tickets/{n}/unread", {}),
    ("DELETE", "/tickets/{n}/unread", {}),
    ("POST", "/tickets/{n}/replies", {"text": "x"}),
    ("POST", "/tickets/{n}/notes", {"text": "x"}),
    ("GET", "/tickets/{n}/envelope", None),
    ("POST", "/tickets/{n}/side-conversations", {"to": ["x@y.example"], "subject": "x", "text": "x"}),
    ("POST", "/tickets/{n}/side-conversations/1/replies", {"text": "x"}),
    ("PUT", "/tickets/{n}/draft", {"kind": "reply", "text": "x", "sequence": 1}),
    ("DELETE", "/tickets/{n}/messages/1", None),
    ("POST", "/tickets/{n}/deliveries/1/retry", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), OUTSIDER_GETS_NOTHING)
def test_an_outsider_finds_nothing(client: FlaskClient, cast: Cast, method: str, path: str, body: object) -> None:
    cast.receive(mail(text="Gizli sözler", html="<p>Gizli sözler</p>"))
    reply.reply(cast.burak, 1001, Writing(text="Yanıt"), undo_seconds=300)
    sign_in(client, cast.outsider)
    answer = client.open(path.format(n=1001), method=method, json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 404, answer.text
    assert "Gizli" not in answer.text


def test_an_outsiders_queue_is_empty(client: FlaskClient, cast: Cast) -> None:
    cast.ticket("Gizli konu")
    sign_in(client, cast.outsider)
    assert "Gizli" not in client.get("/inbox").text
    assert "Gizli" not in client.get("/inbox/rows").text
    assert client.get("/inbox/counts").json == {
        "counts": {"open": "0", "unassigned": "0", "mine": "0", "late": "0", "suspended": "0"}
    }


def test_the_row_of_the_page_is_the_row_of_the_fragment(client: FlaskClient, cast: Cast) -> None:
    cast.ticket("Kapak yok")
    sign_in(client, cast.burak)
    assert client.get("/inbox/rows").text.split("<li hidden")[0].strip() in client.get("/inbox").text


def test_a_subject_cannot_break_out_of_the_page(client: FlaskClient, cast: Cast) -> None:
    cast.ticket("<img src=x onerror=alert(1)>\"'", text="</script><script>alert(1)</script>")
    sign_in(client, cast.burak)
    page = client.get("/inbox?ticket=1001").text
    assert "<img src=x" not in page
    assert "<script>alert" not in page


def test_uploads_belong_to_their_author_until_they_are_sent(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    sent = client.post("/attachments", data={"file": (io.BytesIO(b"abc"), "çizim.txt")})
    assert sent.status_code == 201
    assert sent.json is not None
    url = sent.json["url"]
    assert client.get(url).data == b"abc"
    client.post("/logout")
    sign_in(client, cast.elif_)
    assert client.get(url).status_code == 404


def test_a_page_sent_as_a_file_is_only_ever_saved(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    sent = client.post("/attachments", data={"file": (io.BytesIO(b"<script>1</script>"), "a.html", "text/html")})
    assert sent.json is not None
    answer = client.get(sent.json["url"])
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_removed_upload_is_gone(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    sent = client.post("/attachments", data={"file": (io.BytesIO(b"abc"), "a.txt")})
    assert sent.json is not None
    assert client.delete(f"/attachments/{sent.json['id']}").status_code == 204
    assert db.session.query(Attachment).count() == 0


def test_a_late_save_of_a_draft_does_not_bring_it_back(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    url = f"/tickets/{ticket.id}/draft"
    for sequence, text in ((1, "a"), (3, "abc"), (2, "ab")):
        client.put(url, json={"kind": "reply", "text": text, "sequence": sequence})
    assert db.session.query(Draft).one().html == "<p>abc</p>"
    client.delete(url + "?sequence=2")
    assert db.session.query(Draft).count() == 1
    client.delete(url + "?sequence=4")
    assert db.session.query(Draft).count() == 0


def test_a_number_that_no_column_holds_is_refused_with_a_sentence(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    url = f"/tickets/{ticket.id}/draft"
    assert client.put(url, json={"kind": "reply", "text": "a", "sequence": 2**63}).status_code == 422
    assert client.delete(f"{url}?sequence={2**64}").status_code == 204


def test_a_stale_reply_names_what_was_missed(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    answer = client.post(f"/tickets/{ticket.id}/replies", json={"text": "Merhaba", "seen_entry": 0})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["entries"]


@pytest.mark.parametrize("body", [None, [], {"status": 7}, {"status": "gone"}])
def test_nonsense_is_refused_with_a_sentence(client: FlaskClient, cast: Cast, body: object) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    answer = client.put(f"/tickets/{ticket.id}/status", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["detail"]


def test_an_upload_that_a_reply_is_just_taking_stays_with_it(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket()
    sign_in(client, cast.burak)
    file_id = client.post("/attachments", data={"file": (io.BytesIO(b"abc"), "a.txt")}).json["id"]
    answers: list[int] = []
    removing = Thread(target=lambda: answers.append(client.delete(f"/attachments/{file_id}").status_code))
    with db.engine.begin() as replying:
        taken = update(Attachment).where(Attachment.id == file_id)
        replying.execute(taken.values(message_id=select(Message.id).where(Message.ticket_id == ticket.id).scalar_subquery()))
        removing.start()
        with db.engine.connect() as watching:
            until(
                lambda: watching.scalar(
                    select(func.count()).select_from(table("pg_locks")).where(~column("granted", Boolean))
                ),
                what="the removal",
            )
    removing.join()
    assert answers == [404]
    db.session.expire_all()
    assert db.session.get(Attachment, file_id) is not None


def test_a_row_follows_its_ticket_and_the_names_on_it(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket(subject="Kapak yok")
    sign_in(client, cast.burak)
    assert "Kapak yok" in client.get("/inbox/rows").text
    actions.set_subject(cast.burak, ticket.id, "Kapak bulundu")
    actions.take(cast.elif_, ticket.id)
    cast.elif_.name = "Elif Yıldız"
    ticket.customer.name = "Şükran Gül"
    db.session.commit()
    rows = client.get("/inbox/rows").text
    assert [name in rows for name in ("Kapak bulundu", "Elif Yıldız", "Şükran Gül", "Kapak yok")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_composer_shows_whom_it_writes_to_and_what_is_sent_below(client: FlaskClient, cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"signature_tr": "{{agent.name}} <b>"})
    cast.receive(mail(cc="Daniel <daniel@mail.example>"))
    sign_in(client, cast.burak)
    page = client.get("/tickets/1001").text
    assert "Burak Öztürk &lt;b&gt;" in page and "daniel@mail.example" in page
    found = client.get("/tickets/1001/envelope").json
    assert [person["address"] for person in found["cc"]] == ["daniel@mail.example"]
    assert (found["signature"], found["quoted"]) == ("Burak Öztürk <b>", 1)


def test_a_signature_is_shown_while_it_is_written(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    form = {"template": "{{agent.name}}, {{inbox.name}}", "name": "Lodos"}
    assert client.post("/signature", data=form).json == {"text": "Burak Öztürk, Lodos", "problem": ""}
    assert "{{agent.name}}" in client.post("/signature", data={"template": "{{agent.shoe}}"}).json["problem"]


def test_an_agent_keeps_his_own_signature(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    assert client.post("/profile", data={"signature": "{{agent.shoe}}"}).status_code == 422
    client.post("/profile", data={"signature": "Burak\r\n{{inbox.name}}"})
    db.session.refresh(cast.burak)
    assert cast.burak.signature == "Burak\n{{inbox.name}}"
