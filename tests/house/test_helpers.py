"""The root helpers: folding, secrets, signatures, filters, work after the commit."""

from __future__ import annotations

import pytest
from cryptography.fernet import InvalidToken
from flask import Flask
from sqlalchemy import select

from channels.html.text import html_to_text
from helpdesk import crypto, filters, locks, written_html
from helpdesk.after_commit import after_commit
from helpdesk.agents.models import Team
from helpdesk.customers import language
from helpdesk.errors import Invalid
from helpdesk.extensions import db
from helpdesk.folding import fold, one_line, storable
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queues import FIELDS


@pytest.mark.parametrize("word", ["IŞIK", "ışık", "Işık", "isik", "ISIK", "işik"])
def test_one_word_however_it_is_typed(word: str) -> None:
    assert fold(word) == "isik"


def test_what_postgresql_cannot_hold_is_taken_out() -> None:
    assert storable("a\0b\ud800c") == "ab?c"
    assert one_line(" a\n\tb \0 c ", 4) == "a b "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Merhaba, siparişim hâlâ gelmedi. Teşekkürler", "tr"),
        ("Merhaba siparis hala gelmedi", "tr"),
        ("Hello, where is my order? Thanks", "en"),
        ("12345", None),
        ("", None),
    ],
)
def test_the_language_of_a_customer_is_told_by_his_words(text: str, expected: str | None) -> None:
    assert language.guess(text) == expected


def test_secrets_are_unreadable_without_the_key(app: Flask) -> None:
    sealed = crypto.seal({"imap_password": "çok gizli"})
    assert b"gizli" not in sealed
    assert crypto.unseal(sealed) == {"imap_password": "çok gizli"}
    with pytest.raises(InvalidToken):
        crypto.unseal(sealed[:-4] + b"AAAA")


def test_a_signature_is_for_one_purpose(app: Flask) -> None:
    signature = crypto.sign("survey", "1")
    assert crypto.is_signed("survey", "1", signature)
    assert not crypto.is_signed("survey", "2", signature)
    assert not crypto.is_signed("message id", "1", signature)


def test_work_waits_for_the_commit_and_is_forgotten_with_a_rollback(app: Flask) -> None:
    done: list[str] = []
    db.session.add(Team(name="a"))
    after_commit(lambda: done.append("first"))
    after_commit(lambda: done.append("doubled"), key="same")
    after_commit(lambda: done.append("doubled"), key="same")
    with db.session.begin_nested():
        db.session.add(Team(name="b"))
    assert done == []
    db.session.commit()
    assert done == ["first", "doubled"]
    after_commit(lambda: done.append("never"))
    db.session.rollback()
    db.session.add(Team(name="c"))
    db.session.commit()
    assert done == ["first", "doubled"]


def test_a_lease_is_had_by_one_and_ends_with_its_block(app: Flask) -> None:
    with locks.lease(locks.Lock.LISTEN, 5) as first, locks.lease(locks.Lock.LISTEN, 5) as second:
        assert (first, second) == (True, False)
        with locks.lease(locks.Lock.LISTEN, 6) as other:
            assert other
    with locks.lease(locks.Lock.LISTEN, 5) as again:
        assert again


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "password", "op": "is", "value": 1},
        {"field": "status", "op": "like", "value": "%"},
        {"field": "status", "op": "in", "value": "new"},
        {},
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(app: Flask, condition: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        filters.criterion([condition], FIELDS, {})


def test_conditions_are_all_required(app: Flask) -> None:
    conditions = [
        {"field": "status", "op": "in", "value": ["new", "open"]},
        {"field": "assignee", "op": "is", "value": "$me"},
    ]
    sql = str(
        select(Ticket.id)
        .where(filters.criterion(conditions, FIELDS, {"me": 7}))
        .compile(compile_kwargs={"literal_binds": True})
    )
    assert "IN ('new', 'open') AND tickets.assignee_id = 7" in sql


def test_html_becomes_readable_text() -> None:
    html = '<p>Merhaba <b>Şükran</b>,</p><ul><li>bir</li><li>iki</li></ul><p><a href="https://x.example/a">Takip</a></p>'
    assert html_to_text(html).split() == "Merhaba Şükran, - bir - iki Takip <https://x.example/a>".split()


def test_what_agents_write_is_cleaned_to_what_an_editor_makes() -> None:
    dirty = '<p style="x" onclick="y()">a</p><a href="javascript:x()">b</a><img src="cid:1" onerror="x"><form><input></form>'
    clean = written_html.clean_written(dirty)
    assert clean == '<p>a</p><a rel="noopener noreferrer">b</a><img src="cid:1">'
