"""Who an answer goes to, and as whom it is sent."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from channels.messages import Address
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes.queries import own_addresses
from helpdesk.tickets.models import Attachment, Blob, Delivery, Participant, Ticket
from helpdesk.tickets.outgoing.message import outgoing
from helpdesk.tickets.outgoing.recipients import Chosen
from helpdesk.tickets.outgoing.reply import reply
from helpdesk.tickets.outgoing.writing import Writing
from tests.cast import DANIEL, Cast, mail, messages


def last_ticket() -> Ticket:
    return db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()  # type: ignore[return-value]


def answer(cast: Cast, ticket: Ticket, **chosen: list[str]) -> list[Delivery]:
    entry = reply(cast.burak, ticket.id, Writing(text="Merhaba"), chosen=Chosen(**chosen))
    return list(db.session.scalars(select(Delivery).where(Delivery.message_id == entry.message_id).order_by(Delivery.id)))


def test_chosen_recipients_replace_the_usual_ones_and_take_part_from_now_on(cast: Cast) -> None:
    ticket = cast.ticket()
    made = answer(cast, ticket, to=["Ali Veli <ALI@posta.example>"], cc=["daniel@mail.example", "ali@posta.example"])
    assert [delivery.recipient for delivery in made] == ["ali@posta.example", "daniel@mail.example"]
    assert made[0].recipient_name == "Ali Veli"
    cast.receive(mail(sender=DANIEL, subject="x", in_reply_to=f"<{made[0].message.message_id}>", text="Ben de."))
    assert messages(ticket)[-1].text.strip() == "Ben de."


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ('"Ali, Veli" <ali@posta.example> ', "Ali, Veli"),
        (" <ali@posta.example>", ""),
        ("ali@posta.example", ""),
        ("A\r\nBcc: eve@evil.example <ali@posta.example>", "A Bcc: eve@evil.example"),
    ],
)
def test_a_name_may_stand_before_an_address(cast: Cast, given: str, name: str) -> None:
    (made,) = answer(cast, cast.ticket(), to=[given])
    assert (made.recipient, made.recipient_name) == ("ali@posta.example", name)


def test_what_is_long_and_no_address_is_refused_at_once(cast: Cast) -> None:
    with pytest.raises(Invalid):
        answer(cast, cast.ticket(), to=[f'{" " * 30_000}x"'])


def test_a_hidden_copy_is_in_no_header_and_in_no_later_answer(cast: Cast) -> None:
    ticket = cast.ticket()
    made = answer(cast, ticket, bcc=[DANIEL])
    assert [delivery.recipient for delivery in made] == ["sukran@posta.example", "daniel@mail.example"]
    for delivery in made:
        copy = outgoing(delivery)
        assert [person.address for person in (*copy.to, *copy.cc)] == ["sukran@posta.example"]
    assert made[0].message.bcc == [{"address": "daniel@mail.example", "name": "Daniel Okafor"}]
    assert [delivery.recipient for delivery in answer(cast, ticket)] == ["sukran@posta.example"]


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
@pytest.mark.parametrize("address", ["nobody", "destek@lodosev.example", "DESTEK+x@lodosev.example", "info@lodosev.example"])
def test_an_address_that_cannot_be_written_to_is_named(cast: Cast, field: str, address: str) -> None:
    inboxes.change(cast.inbox, {}, {"aliases": "info@lodosev.example"})
    ticket = cast.ticket()
    with pytest.raises(Invalid, match=address.replace("+", r"\+")) as refusal:
        answer(cast, ticket, **{field: [address]})
    assert list(refusal.value.errors) == [field]


@pytest.mark.parametrize(
    ("written_to", "sent_as"),
    [
        ("destek@lodosev.example", "destek@lodosev.example"),
        ("Info@lodosev.example", "info@lodosev.example"),
        ("destek+tr@lodosev.example", "destek+tr@lodosev.example"),
        ("baska@lodosev.example", "destek@lodosev.example"),
    ],
)
def test_an_answer_leaves_from_the_address_that_was_written_to(cast: Cast, written_to: str, sent_as: str) -> None:
    inboxes.change(cast.inbox, {}, {"aliases": "info@lodosev.example, satis@lodosev.example"})
    cast.receive(mail(to=written_to))
    [delivery, *_others] = answer(cast, last_ticket(), cc=[])
    assert outgoing(delivery).sender == Address(sent_as, "Lodos Ev Destek")
    assert delivery.message.message_id.endswith("@lodosev.example")


def test_aliases_are_ours_and_never_customers_or_participants(cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"aliases": "info@lodosev.example"})
    cast.receive(mail(cc="info@lodosev.example, destek+iade@lodosev.example, ali@posta.example"))
    assert set(db.session.scalars(select(Participant.address))) == {"sukran@posta.example", "ali@posta.example"}
    assert {"info@lodosev.example", "info+x@lodosev.example"} & own_addresses("email") == {"info@lodosev.example"}
    assert "info+x@lodosev.example" in own_addresses("email") and "ali+info@posta.example" not in own_addresses("email")


def test_an_alias_that_is_no_address_is_refused_when_it_is_saved(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        inboxes.change(cast.inbox, {}, {"aliases": "info@lodosev.example, nonsense"})
    assert list(refusal.value.errors) == ["aliases"]


def test_files_that_no_mail_can_carry_are_refused_before_they_are_sent(cast: Cast) -> None:
    inboxes.change(cast.inbox, {}, {"size_mb": "1"})
    ticket = cast.ticket()
    db.session.add(Blob(sha256=b"x", size=900_000, data=b""))
    db.session.flush()
    upload = Attachment(agent_id=cast.burak.id, filename="a", content_type="b", size=900_000, sha256=b"x")
    db.session.add(upload)
    db.session.commit()
    with pytest.raises(Invalid, match=r"0\.9 MB.*0\.6 MB") as refusal:
        reply(cast.burak, ticket.id, Writing(text="x", uploads=[upload.id]))
    assert list(refusal.value.errors) == ["uploads"]
