"""A mail that is read while somebody waits costs the web process nothing, whatever is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from channels.mail import EmailChannel
from channels.messages import IncomingMessage, RawItem
from channels.mime.message import read_mail
from helpdesk.config import ROOT
from helpdesk.extensions import db
from helpdesk.tickets.models import Message
from helpdesk.tickets.shown import message_view
from tests.cast import SUKRAN, Cast, sign_in

REFUSAL = "Reading this would take more time or memory than one message may."
COOPERATIVE = """
from gevent import monkey
monkey.patch_all()
import os, gevent
from helpdesk.contained import Contained, Limits
read, write = os.pipe()
gevent.spawn(os.write, write, b"a greenlet ran meanwhile")
print(next(Contained(lambda fd: os.read(fd, 99), [read], Limits(2, 200_000_000)).answers()).decode())
"""


def bomb(_channel: EmailChannel, item: RawItem) -> Sequence[IncomingMessage]:
    """The real reader, and what it would do if a mail found a hole in it."""
    message = read_mail(item.raw)
    if message.subject == "bomb":
        re.match(r"(a+)+$", "a" * 40 + "b")
    return [message]


def written(subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SUKRAN, "destek@lodosev.example", subject
    mail.set_content("Merhaba")
    return mail


@pytest.fixture
def hostile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmailChannel, "parse", bomb)
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], item_seconds=1))


@pytest.mark.usefixtures("hostile")
def test_an_enclosed_bomb_gives_whoever_opens_it_a_sentence(client: FlaskClient, cast: Cast) -> None:
    outer = written("harmless")
    outer.add_attachment(written("bomb"))
    cast.receive(outer.as_bytes())
    [file] = message_view(db.session.scalars(select(Message)).one()).files
    sign_in(client, cast.burak)
    for path in ("", "/frame", "/0"):
        page = client.get(file.mail + path, headers={"Accept-Language": "en"})
        assert page.status_code == 422 and REFUSAL in page.text


def test_a_message_that_costs_too_much_by_now_still_shows_its_details(
    client: FlaskClient, cast: Cast, request: pytest.FixtureRequest
) -> None:
    cast.receive(written("bomb").as_bytes())
    request.getfixturevalue("hostile")
    message = db.session.scalars(select(Message)).one()
    sign_in(client, cast.burak)
    url = f"/tickets/{message.ticket_id}/messages/{message.id}/details"
    page = client.get(url, headers={"Accept-Language": "en"})
    assert page.status_code == 200 and REFUSAL in page.text and "Original source" in page.text


def test_others_are_served_while_a_child_reads() -> None:
    done = subprocess.run([sys.executable, "-c", COOPERATIVE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout == "a greenlet ran meanwhile\n", done.stderr
