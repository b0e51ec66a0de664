"""IMAP servers that misbehave: whatever they do, every mail is stored once, and listening goes on by itself."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from channels.mailbox import imap, imap_connection, imap_idle
from helpdesk.extensions import db
from helpdesk.inboxes import actions as inboxes
from helpdesk.inboxes import listen
from helpdesk.inboxes.models import Inbox, Received
from helpdesk.inboxes.reconcile import reconcile
from tests.cast import Cast, mail
from tests.rigs.faulty_imap import Cut, FaultyImap, first
from tests.rigs.mailserver import MailServer
from tests.rigs.wait import PATIENCE, until

FETCH = b"UID FETCH"
NOT_ASKED_FOR = b"* 9 FETCH (UID 999 BODY[] {1}\r\nx)\r\n"
GARBAGE = b'\x00\xff*** 250 hello, this is SMTP ("{99}\r\n'


@pytest.fixture
def line(mail_server: MailServer) -> Iterator[FaultyImap]:
    with FaultyImap(mail_server.imap_port) as proxy:
        yield proxy


@pytest.fixture
def address(cast: Cast, request: pytest.FixtureRequest) -> str:
    """A mailbox of the test's own."""
    name = re.sub(r"\W+", "-", request.node.name).strip("-").lower()[-50:]
    return f"{name}@misbehaving.example"


def connect(cast: Cast, server: MailServer, address: str, **changes: str) -> None:
    inboxes.change(cast.inbox, {"address": address}, server.settings(address, **changes))


@contextmanager
def listening(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, seconds in (("LOOK_SECONDS", 0.1), ("FIRST_RETRY", 0.05), ("LAST_RETRY", 0.2), ("REFUSED_RETRY", 0.2)):
        monkeypatch.setattr(listen, name, seconds)
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], poll_seconds=2))
    stop = threading.Event()
    thread = threading.Thread(target=listen.run, args=(app, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def bodies() -> Counter[bytes]:
    """How often each mail is in the ledger to be made a ticket of."""
    db.session.rollback()
    raws = db.session.scalars(select(Received.raw).where(Received.status != "ignored"))
    return Counter(bytes(raw) for raw in raws)


def mails(*names: str) -> list[bytes]:
    """Mails as the server gives them."""
    return [mail(subject=name, text=f"{name} " + "x" * 500).replace(b"\n", b"\r\n") for name in names]


def once(*expected: bytes) -> Counter[bytes]:
    return Counter(expected)


def state() -> tuple[str, str]:
    db.session.rollback()
    inbox = db.session.scalars(select(Inbox)).one()
    return inbox.receive_state, inbox.receive_code


def cut_in_a_literal() -> Callable[[bytes], bytes]:
    cuts = 2

    def altered(data: bytes) -> bytes:
        nonlocal cuts
        if cuts and b"BODY[] {" in data:
            cuts -= 1
            raise Cut(data[: data.index(b"BODY[] {") + 300])
        return data

    return altered


def goodbye(_tag: bytes) -> bytes:
    raise Cut(b"* BYE shutting down\r\n")


INSTEAD = {
    "BYE while fetching": lambda: first(2, goodbye, FETCH),
    "BYE while idling": lambda: first(2, goodbye, b"IDLE"),
    "BYE at the login": lambda: first(2, goodbye, b"LOGIN", b"AUTHENTICATE"),
    "login refused for a while": lambda: first(3, lambda tag: tag + b" NO try later\r\n", b"LOGIN", b"AUTHENTICATE"),
    "search refused for a while": lambda: first(2, lambda tag: tag + b" NO busy\r\n", b"UID SEARCH"),
    "fetch refused for a while": lambda: first(2, lambda tag: tag + b" NO [SERVERBUG] broken\r\n", FETCH),
    "IDLE refused for ever": lambda: first(99, lambda tag: tag + b" BAD no such command\r\n", b"IDLE"),
    "garbage for an answer": lambda: first(2, lambda _tag: GARBAGE, FETCH),
    "a tag that nobody gave": lambda: first(2, lambda _tag: b"ZZZ9 OK done\r\n", FETCH),
    "an empty answer": lambda: first(2, lambda tag: tag + b" OK done\r\n", FETCH),
    "mails nobody asked for": lambda: first(
        2, lambda tag: b"* 9 FETCH (UID 999 BODY[] {1}\r\nx)\r\n" + tag + b" OK\r\n", FETCH
    ),
    "no answer at all": lambda: first(1, lambda _tag: b"", FETCH),
    "silence while idling": lambda: first(1, lambda _tag: b"+ idling\r\n", b"IDLE"),
    "news before the go-ahead": lambda: first(2, lambda tag: b"* 1 EXISTS\r\n+ idling\r\n", b"IDLE"),
}
ALTERED = {
    "cut in a literal": cut_in_a_literal,
    "sizes that are none": lambda: lambda data: re.sub(rb"RFC822.SIZE \d+", b"RFC822.SIZE 0", data),
    "sizes that are huge": lambda: lambda data: re.sub(rb"RFC822.SIZE \d+", b"RFC822.SIZE 99999999", data),
    "wrong EXISTS": lambda: lambda data: re.sub(rb"\* \d+ EXISTS", b"* 4711 EXISTS", data),
    "no IDLE": lambda: lambda data: data.replace(b" IDLE", b""),
    "no UIDNEXT": lambda: lambda data: re.sub(rb"\* OK \[UIDNEXT \d+\][^\r]*\r\n", b"", data),
}


@pytest.mark.parametrize("fault", [*INSTEAD, *ALTERED])
def test_every_mail_is_stored_once(
    app: Flask,
    cast: Cast,
    mail_server: MailServer,
    line: FaultyImap,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    monkeypatch.setattr(imap_connection, "READ_SECONDS", 1)
    monkeypatch.setattr(imap_idle, "NOOP_SECONDS", 0.2)
    if fault in INSTEAD:
        line.instead = INSTEAD[fault]()
    else:
        line.altered = ALTERED[fault]()
    connect(cast, mail_server, address, imap_port=str(line.port))
    before, after = mails("a", "b", "c"), mails("d", "e")
    mail_server.append(address, *before)
    with listening(app, monkeypatch):
        until(lambda: bodies() == once(*before), what="the mails that waited")
        mail_server.append(address, *after)
        until(lambda: bodies() == once(*before, *after), what="the mails that came")
        until(lambda: state() == ("ok", ""), what="the lamp to be green")


def test_a_mail_that_the_server_does_not_give_holds_up_no_other_and_is_missed(
    app: Flask, cast: Cast, mail_server: MailServer, line: FaultyImap, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(tag: bytes, command: bytes) -> bytes | None:
        asked = re.match(rb"UID FETCH (\S+) ", command)
        wanted = re.split(rb"[,:]", asked[1]) if asked and b"BODY" in command else []
        return tag + b" NO [SERVERBUG] internal error\r\n" if wanted and int(wanted[0]) <= 2 <= int(wanted[-1]) else None

    line.instead = refuse
    connect(cast, mail_server, address, imap_port=str(line.port))
    a, bad, c = mails("a", "bad", "c")
    mail_server.append(address, a, bad, c)
    with listening(app, monkeypatch):
        until(lambda: bodies() == once(a, c), what="its neighbours")
        line.heal()
        found = reconcile(db.session.get_one(Inbox, cast.inbox.id))
    assert (found.server, found.stored, found.missing, found.fetched) == (3, 2, 1, 1)
    assert bodies() == once(a, bad, c)


def test_a_mailbox_restored_from_a_backup_loses_no_later_mail_and_doubles_none(
    app: Flask, cast: Cast, own_mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real danger: the same UIDVALIDITY, and UIDs that are given a second time."""
    server = own_mail_server
    connect(cast, server, address)
    kept, gone, later = mails("a", "b", "c"), mails("d", "e"), mails("f", "g", "h", "i")
    with listening(app, monkeypatch):
        server.append(address, *kept)
        until(lambda: bodies() == once(*kept), what="the first mails")
        backup = server.maildirs.snapshot(address)
        server.append(address, *gone)
        until(lambda: bodies() == once(*kept, *gone), what="those that the backup lacks")
        server.dovecot.kill()
        server.maildirs.restore(address, backup)
        server.dovecot.start()
        server.append(address, *later)
        until(lambda: bodies() == once(*kept, *gone, *later), what="those that came after")
    found = reconcile(db.session.get_one(Inbox, cast.inbox.id))
    assert (found.server, found.stored, found.missing) == (7, 7, 0)


def test_a_renumbered_mailbox_doubles_nothing_while_a_comparison_runs_beside_the_listener(
    app: Flask, cast: Cast, own_mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_mail_server
    connect(cast, server, address)
    old, new = mails(*(f"old {number}" for number in range(70))), mails("new")
    twin = mails("twin")[0]
    server.append(address, *old, twin, twin)
    with listening(app, monkeypatch):
        until(lambda: bodies() == once(*old, twin, twin), what="the old mails")
        server.dovecot.kill()
        server.maildirs.reset_uids(address)
        server.dovecot.start()
        server.append(address, *new)
        found = reconcile(db.session.get_one(Inbox, cast.inbox.id))
        assert found.server == 73
        until(lambda: bodies() == once(*old, twin, twin, *new), what="the new mail and no other")
        until(lambda: state() == ("ok", ""), what="the lamp to be green")
    again = reconcile(db.session.get_one(Inbox, cast.inbox.id))
    assert (again.server, again.stored, again.missing, again.fetched) == (73, 73, 0, 0)


def test_what_others_move_read_and_delete_is_neither_lost_nor_doubled(
    app: Flask, cast: Cast, mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(cast, mail_server, address, imap_folder="INBOX, Arşiv")
    a, b, c = mails("a", "b", "c")
    mail_server.append(address, a, b, c)
    mail_server.append(address, folder="Arşiv")
    with listening(app, monkeypatch), mail_server.client(address) as other:
        until(lambda: bodies() == once(a, b, c), what="the mails")
        other.select_folder("INBOX")
        other.add_flags([1], [rb"\Seen"])
        other.move([1, 2], "Arşiv")
        other.delete_messages([3])
        other.expunge()
        other.select_folder("Arşiv")
        other.move([1], "INBOX")
        fresh = mails("d")[0]
        mail_server.append(address, fresh)
        mail_server.append(address, mails("e")[0], folder="Arşiv")
        until(lambda: sum(bodies().values()) >= 5, what="the new mails")
        until(lambda: state() == ("ok", ""), what="both folders to be read")
    found = reconcile(db.session.get_one(Inbox, cast.inbox.id))
    assert (found.server, found.missing) == (4, 0)
    assert set(bodies().values()) == {1} and len(bodies()) == 5


def test_one_missing_folder_is_named_and_the_others_go_on(
    app: Flask, cast: Cast, mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(cast, mail_server, address, imap_folder="INBOX, [Gmail].Tüm Postalar,Gelen Kutusu.Şikâyet\nNirgends")
    for folder in ("[Gmail].Tüm Postalar", "Gelen Kutusu.Şikâyet", "INBOX"):
        mail_server.append(address, *mails(folder), folder=folder)
    with listening(app, monkeypatch):
        until(lambda: len(bodies()) == 3, what="the mails of the three")
        until(lambda: state() == ("failing", "folder"), what="the fourth to be missed")
        assert "Nirgends" in db.session.scalars(select(Inbox.receive_detail)).one()
        mail_server.append(address, folder="Nirgends")
        until(lambda: state() == ("ok", ""), what="it to be found")


def test_a_long_history_is_kept_and_new_mail_does_not_wait_behind_it(
    app: Flask, cast: Cast, mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    monkeypatch.setattr(imap, "HISTORY_MAILS", 5)
    connect(cast, mail_server, address)
    old, recent = mails(*(f"old {number}" for number in range(8))), mails("recent", "unread")
    with mail_server.client(address) as client:
        for raw in old:
            client.append("INBOX", raw, msg_time=datetime.now(UTC) - timedelta(days=400))
    mail_server.append(address, *recent)
    with listening(app, monkeypatch):
        until(lambda: bodies() == once(*recent), what="the recent mail")
    found = reconcile(db.session.get_one(Inbox, cast.inbox.id))
    assert (found.server, found.stored, found.missing, found.fetched) == (10, 2, 8, 8)
    assert bodies() == once(*recent)
    assert len(db.session.scalars(select(Received.id).where(Received.reason == "history")).all()) == 8


def test_a_short_history_becomes_tickets_however_old_it_is(
    app: Flask, cast: Cast, mail_server: MailServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    connect(cast, mail_server, address)
    old = mails("read ten years ago")
    with mail_server.client(address) as client:
        client.append("INBOX", old[0], flags=[rb"\Seen"], msg_time=datetime(2016, 1, 1, tzinfo=UTC))
    with listening(app, monkeypatch):
        until(lambda: bodies() == once(*old), what="the old mail")
