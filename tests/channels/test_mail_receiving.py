"""Reading a folder of a real IMAP server: in order, whole, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from channels import registry
from channels.base import Source
from channels.failures import TemporaryFailure
from channels.messages import Batch, Cursor
from tests.channels.mails import mail
from tests.rigs.mailserver import MailServer
from tests.rigs.wait import PATIENCE


@contextmanager
def opened(server: MailServer, address: str, security: str = "none", **changes: str) -> Iterator[Source]:
    channel = registry.get("email")(address, server.settings(address, security, **changes))
    source = channel.open(channel.sources()[0])
    try:
        yield source
    finally:
        source.close()


def read_all(source: Source, cursor: Cursor | None) -> tuple[list[Batch], Cursor]:
    batches = list(source.fetch(cursor))
    assert batches or cursor is not None
    return batches, batches[-1].cursor if batches else cursor or {}


def raws(batches: list[Batch]) -> list[bytes]:
    return [item.raw for batch in batches for item in batch.items]


def test_every_mail_is_read_once_in_order_and_byte_for_byte(mail_server: MailServer) -> None:
    mails = [mail(f"number {number}") for number in range(120)]
    mail_server.append("order@example.com", *mails)
    with opened(mail_server, "order@example.com") as source:
        batches, cursor = read_all(source, None)
        assert raws(batches) == mails
        assert all(len(batch.items) <= 50 for batch in batches)
        assert raws(read_all(source, cursor)[0]) == []
        mail_server.append("order@example.com", mail("later"))
        assert raws(read_all(source, cursor)[0]) == [mail("later")]


def test_reading_can_stop_after_any_batch_and_go_on_from_its_cursor(mail_server: MailServer) -> None:
    mails = [mail(f"number {number}") for number in range(110)]
    mail_server.append("goon@example.com", *mails)
    seen: list[bytes] = []
    cursor: Cursor | None = None
    while len(seen) < len(mails):
        with opened(mail_server, "goon@example.com") as source:
            batch = next(iter(source.fetch(cursor)))
        seen, cursor = seen + [item.raw for item in batch.items], batch.cursor
    assert seen == mails


def test_mail_read_by_somebody_else_is_still_fetched(mail_server: MailServer) -> None:
    mail_server.append("seen@example.com", mail("read elsewhere"))
    with mail_server.client("seen@example.com") as client:
        client.select_folder("INBOX")
        client.add_flags(client.search(), [rb"\Seen"])
    with opened(mail_server, "seen@example.com") as source:
        assert raws(read_all(source, None)[0]) == [mail("read elsewhere")]


def test_fetching_does_not_flag_and_acknowledging_does(mail_server: MailServer) -> None:
    mail_server.append("flag@example.com", mail("one"))
    with opened(mail_server, "flag@example.com") as source, mail_server.client("flag@example.com") as client:
        batches, _cursor = read_all(source, None)
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == [1]
        for batch in batches:
            source.acknowledge(batch)
        client.noop()
        assert client.search("UNSEEN") == []


def test_mails_with_one_message_id_or_none_are_all_kept(mail_server: MailServer) -> None:
    mails = [
        mail("a", message_id="same@x"),
        mail("b", message_id="same@x"),
        mail("c"),
        mail("d", headers="Message-ID:"),
    ]
    mail_server.append("ids@example.com", *mails)
    with opened(mail_server, "ids@example.com") as source:
        assert raws(read_all(source, None)[0]) == mails


def test_a_zero_byte_mail_is_stored(mail_server: MailServer) -> None:
    folder = mail_server.maildirs.make("empty@example.com")
    (folder / "new" / "1000000000.M1P1.empty").touch()
    mail_server.append("empty@example.com", mail("after"))
    with opened(mail_server, "empty@example.com") as source:
        assert sorted(raws(read_all(source, None)[0])) == [b"", mail("after")]


def test_a_huge_mail_travels_alone(mail_server: MailServer) -> None:
    huge = mail("huge", body="\r\n".join(["x" * 70] * 250_000))
    mail_server.append("huge@example.com", mail("before"), huge, mail("after"))
    with opened(mail_server, "huge@example.com") as source:
        batches, _cursor = read_all(source, None)
    assert [len(batch.items) for batch in batches if batch.items] == [1, 1, 1]
    assert raws(batches)[1] == huge


def test_mail_that_vanishes_between_search_and_fetch_is_no_failure(mail_server: MailServer) -> None:
    mail_server.append("vanish@example.com", *(mail(f"{number}") for number in range(60)))
    with opened(mail_server, "vanish@example.com") as source, mail_server.client("vanish@example.com") as client:
        fetching = (batch for batch in source.fetch(None) if batch.items)
        first = next(fetching)
        client.select_folder("INBOX")
        client.delete_messages([55, 60])
        client.expunge()
        rest = list(fetching)
    assert len(raws([first, *rest])) == 58
    assert rest[-1].cursor["uid"] == 60


def test_a_renumbered_mailbox_is_read_again_and_can_be_left_in_between(mail_server: MailServer) -> None:
    mails = [mail(f"old {number}") for number in range(60)]
    mail_server.append("renumber@example.com", *mails)
    with opened(mail_server, "renumber@example.com") as source:
        batches, cursor = read_all(source, None)
        old = {item.key for batch in batches for item in batch.items}
    mail_server.maildirs.reset_uids("renumber@example.com")
    with opened(mail_server, "renumber@example.com") as source:
        assert source.lacks(old) == old
        fetching = source.fetch(cursor)
        first = [next(fetching), next(fetching)]  # the note of the change, and the first fifty
    mail_server.append("renumber@example.com", mail("new"))
    with opened(mail_server, "renumber@example.com") as source:
        rest, _cursor = read_all(source, first[1].cursor)
    assert raws([*first, *rest]) == [*mails, mail("new")]
    assert old.isdisjoint(item.key for batch in [*first, *rest] for item in batch.items)


def test_waiting_ends_at_once_when_a_mail_arrives(mail_server: MailServer) -> None:
    with opened(mail_server, "idle@example.com") as source:
        _batches, cursor = read_all(source, None)
        assert source.wait(0.1) is False
        arrival = threading.Timer(0.2, mail_server.append, ["idle@example.com", mail("push")])
        arrival.start()
        assert source.wait(PATIENCE) is True
        arrival.join()
        assert raws(read_all(source, cursor)[0]) == [mail("push")]


def test_mail_that_arrives_between_fetching_and_waiting_is_noticed(mail_server: MailServer) -> None:
    with opened(mail_server, "between@example.com") as source:
        _batches, cursor = read_all(source, None)
        for number in range(20):
            mail_server.append("between@example.com", mail(f"{number}"))
            assert source.wait(PATIENCE) is True
            batches, cursor = read_all(source, cursor)
            assert raws(batches) == [mail(f"{number}")]


def test_a_killed_server_ends_the_wait_with_a_failure_and_a_new_connection_goes_on(own_mail_server: MailServer) -> None:
    own_mail_server.append("kill@example.com", mail("before"))
    with opened(own_mail_server, "kill@example.com") as source:
        _batches, cursor = read_all(source, None)
        killing = threading.Timer(0.2, own_mail_server.dovecot.kill)
        killing.start()
        with pytest.raises(TemporaryFailure) as failure:
            source.wait(PATIENCE)
        killing.join()
    assert failure.value.code == "unreachable" and failure.value.whole_inbox
    own_mail_server.dovecot.start()
    own_mail_server.append("kill@example.com", mail("after"))
    with opened(own_mail_server, "kill@example.com") as source:
        assert raws(read_all(source, cursor)[0]) == [mail("after")]


def test_a_server_that_says_goodbye_ends_the_wait_with_a_failure(own_mail_server: MailServer) -> None:
    with opened(own_mail_server, "bye@example.com") as source:
        read_all(source, None)
        leaving = threading.Timer(0.2, own_mail_server.dovecot.stop)
        leaving.start()
        with pytest.raises(TemporaryFailure):
            source.wait(PATIENCE)
        leaving.join()


@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_mail_is_pushed_over_tls(trusted_mail_server: MailServer, security: str) -> None:
    address = f"tls-{security}@example.com"
    with opened(trusted_mail_server, address, security) as source:
        _batches, cursor = read_all(source, None)
        for number in range(5):
            trusted_mail_server.append(address, mail(f"{number}"))
            assert source.wait(PATIENCE) is True
            batches, cursor = read_all(source, cursor)
            assert raws(batches) == [mail(f"{number}")]


def test_another_folder_has_keys_of_its_own(mail_server: MailServer) -> None:
    mail_server.append("folders@example.com", mail("sent"), folder="Gönderilmiş Öğeler")
    with opened(mail_server, "folders@example.com", imap_folder="Gönderilmiş Öğeler") as source:
        batches, _cursor = read_all(source, None)
        key = batches[-1].items[0].key
        assert key.startswith("Gönderilmiş Öğeler:")
        assert [item.raw for item in source.fetch_keys([key, "1:1", "nonsense"])] == [mail("sent")]


def test_the_inventory_names_everything_and_named_mails_can_be_fetched(mail_server: MailServer) -> None:
    mails = [mail(f"{number}") for number in range(3)]
    mail_server.append("inventory@example.com", *mails)
    with opened(mail_server, "inventory@example.com") as source:
        batches, _cursor = read_all(source, None)
        keys = [item.key for batch in batches for item in batch.items]
        assert list(source.inventory(None)) == keys
        assert [item.raw for item in source.fetch_keys([keys[2], keys[0]])] == [mails[0], mails[2]]
