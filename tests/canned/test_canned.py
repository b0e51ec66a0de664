"""Canned replies: who has them, what is found, and what is filled in."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from helpdesk.canned import actions, queries, variables
from helpdesk.canned.actions import Form
from helpdesk.canned.models import CannedReply
from helpdesk.canned.render import render
from helpdesk.errors import Forbidden, Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.tickets import cleaning
from helpdesk.tickets.models import Attachment
from tests.cast import DANIEL, Cast, sign_in

HELLO = '<p>Merhaba {{ customer.first_name|fallback("efendim") }},</p><p>{{ agent.name }}</p>'


def refund(cast: Cast, **changes: object) -> CannedReply:
    form = {"name": "İade onayı", "texts": {"tr": HELLO, "en": "<p>Hello {{customer.first_name}}</p>"}, "visibility": "all"}
    return actions.add(cast.elif_, Form(**form | changes))  # type: ignore[arg-type]


def test_variables_are_filled_in_for_the_customer_in_his_language(cast: Cast) -> None:
    canned, ticket = refund(cast), cast.ticket()
    shown = render(cast.burak, canned, ticket)
    assert (shown.language, shown.problems) == ("tr", [])
    assert shown.html == "<p>Merhaba Şükran,</p><p>Burak Öztürk</p>"
    assert shown.text.split() == "Merhaba Şükran, Burak Öztürk".split()
    assert render(cast.burak, canned, ticket, "en").html == "<p>Hello Şükran</p>"


def test_what_a_customer_calls_himself_is_never_a_template_or_markup(cast: Cast) -> None:
    ticket = cast.ticket(sender='"{{agent.email}} <img src=x>" <x@posta.example>')
    ticket.customer.name = "{{agent.email}}<img/src=x>"
    db.session.commit()
    shown = render(cast.burak, refund(cast), ticket)
    assert shown.html.startswith("<p>Merhaba {{agent.email}}&lt;img/src=x&gt;,")


def test_what_is_empty_takes_its_fallback_or_says_so(cast: Cast) -> None:
    ticket, canned = cast.ticket(sender="anon@posta.example"), refund(cast)
    ticket.customer.name = ""
    db.session.commit()
    assert render(cast.burak, canned, ticket, "tr").html.startswith("<p>Merhaba efendim,")
    english = render(cast.burak, canned, ticket, "en")
    assert (english.html, len(english.problems)) == ("<p>Hello </p>", 1)


@pytest.mark.parametrize(
    "text",
    [
        "<p>{{ customer.password }}</p>",
        "<p>{{ customer }}</p>",
        "<p>{{ customer.__class__.__mro__ }}</p>",
        "<p>{{ customer.name|upper }}</p>",
        "<p>{{ 7 * 7 }}</p>",
        "<p>{{ <b>customer</b>.name }}</p>",
        "<p>{{ customer.name</p>",
    ],
)
def test_anything_but_a_known_variable_is_refused_with_a_sentence(cast: Cast, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        refund(cast, texts={"tr": text})
    assert refused.value.errors["texts.tr"]


def test_a_hostile_text_takes_no_time(cast: Cast) -> None:
    assert variables.problems("{{ " * 30_000 + "a." * 10_000 + '|fallback("' * 2_000)
    assert variables.fill("{{customer.name|fallback(" + " " * 90_000, {}).missing == []


def test_private_ones_are_their_owners_and_a_teams_are_the_teams(cast: Cast) -> None:
    private = actions.add(cast.burak, Form("Benim", {"tr": "<p>a</p>"}))
    team = refund(cast, name="Takım", visibility="team", team_id=cast.destek.id)
    everybody = refund(cast)
    names = {agent: {one.name for one in queries.all_of(agent)} for agent in (cast.burak, cast.elif_, cast.outsider)}
    assert names == {
        cast.burak: {"Benim", "Takım", "İade onayı"},
        cast.elif_: {"Takım", "İade onayı"},
        cast.outsider: {"İade onayı"},
    }
    for stranger, canned in ((cast.elif_, private), (cast.outsider, team)):
        with pytest.raises(NotFound):
            queries.get(stranger, canned.id)
    with pytest.raises(Forbidden):
        actions.change(cast.burak, everybody.id, Form("Başka", {"tr": "<p>b</p>"}))
    with pytest.raises(Forbidden):
        actions.add(cast.burak, Form("Herkese", {"tr": "<p>b</p>"}, "all"))
    with pytest.raises(Invalid):
        refund(cast, visibility="team", team_id=cast.muhasebe.id)


def test_it_is_found_by_shortcut_name_folder_and_words_in_any_case(cast: Cast) -> None:
    refund(cast, name="Kargo gecikmesi", shortcut="kg", folder="Kargo")
    refund(cast, shortcut=";IADE", texts={"tr": "<p>Kargo ücreti bizden.</p>"})
    found = [[one.name for one in queries.search(cast.burak, typed)] for typed in ("iade", "ucreti", "KARGO gec", "yok%")]
    assert found == [["İade onayı"], ["İade onayı"], ["Kargo gecikmesi"], []]
    assert queries.search(cast.burak, "kg")[0].shortcut == "kg"


def test_a_use_counts_and_brings_files_of_its_own(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.elif_)
    upload = _upload(client)
    canned, ticket = refund(cast, files=[upload]), cast.ticket()
    with pytest.raises(Invalid):
        refund(cast, name="Çalan", files=[upload])
    assert client.delete(f"/attachments/{upload}").status_code == 404
    sign_in(client, cast.burak)
    used = client.post(f"/tickets/{ticket.id}/canned-replies/{canned.id}/uses").json
    [file] = used["files"]
    assert file["id"] != upload
    body = {"html": used["html"], "uploads": [file["id"]]}
    assert client.post(f"/tickets/{ticket.id}/replies", json=body).status_code == 201
    db.session.refresh(canned)
    assert canned.uses == 1


def test_a_canned_replys_files_outlive_unused_uploads(
    client: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, cast.elif_)
    kept, _unused = _upload(client), _upload(client)
    canned = refund(cast, files=[kept])
    monkeypatch.setattr(cleaning, "UPLOADS_KEPT", -cleaning.UPLOADS_KEPT)
    cleaning.clean_up()
    assert [file.id for file in db.session.query(Attachment)] == [kept]
    actions.delete(cast.elif_, canned.id)
    cleaning.clean_up()
    assert db.session.query(Attachment).count() == 0


def test_an_outsider_gets_nothing_of_a_ticket_by_a_canned_reply(client: FlaskClient, cast: Cast) -> None:
    canned, ticket = refund(cast), cast.ticket()
    private = actions.add(cast.burak, Form("Benim", {"tr": "<p>gizli</p>"}))
    sign_in(client, cast.outsider)
    for path in (f"/tickets/{ticket.id}/canned-replies/{canned.id}", f"/settings/canned-replies/{private.id}"):
        assert client.get(path).status_code == 404
    assert client.post(f"/tickets/{ticket.id}/canned-replies/{canned.id}/uses").status_code == 404
    assert client.post(f"/settings/canned-replies/{private.id}/deletion").status_code == 404
    preview = {"html": HELLO, "ticket": str(ticket.id)}
    assert client.post("/settings/canned-replies/preview", data=preview).status_code == 404
    assert "Benim" not in client.get("/canned-replies").text


def test_an_agent_writes_his_own_in_the_settings(client: FlaskClient, cast: Cast) -> None:
    ticket = cast.ticket(sender=DANIEL)
    sign_in(client, cast.burak)
    form = {"name": "Selam", "text_tr": "<p>{{ customer.nam }}</p>", "text_en": "", "visibility": "private", "shortcut": "s"}
    refused = client.post("/settings/canned-replies/new?lang=en", data=form)
    assert refused.status_code == 422
    assert "There is no variable" in refused.text
    form["text_tr"] = "<p>{{ customer.name }}</p>"
    saved = client.post("/settings/canned-replies/new", data=form)
    assert saved.status_code == 303
    assert "Selam" in client.get(saved.location).text
    preview = client.post("/settings/canned-replies/preview", data={"html": form["text_tr"], "ticket": str(ticket.id)}).json
    assert preview["html"] == "<p>Daniel Okafor</p>"
    assert client.get("/settings").location.endswith("/settings/canned-replies")


def _upload(client: FlaskClient) -> int:
    import io

    number: int = client.post("/attachments", data={"file": (io.BytesIO(b"etiket"), "etiket.txt")}).json["id"]
    return number
