"""The folder of sent mail on a real server: its past is left alone, its news are read, and a test finds its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from channels import registry
from channels.base import Channel
from channels.messages import IncomingMessage, RawItem
from tests.cast import mail
from tests.rigs.mailserver import MailServer

ADDRESS = "sent-folder@example.com"


@pytest.fixture
def channel(mail_server: MailServer) -> Iterator[Channel]:
    values = mail_server.settings(ADDRESS, imap_sent_folder="Sent Items")
    mail_server.append(ADDRESS, mail(subject="long ago"), folder="Sent Items")
    yield registry.get("email")(ADDRESS, values)
    with mail_server.client(ADDRESS) as client:
        client.delete_folder("Sent Items")


def fetched(channel: Channel, cursor: dict[str, object] | None) -> tuple[list[RawItem], dict[str, object]]:
    assert list(channel.sources()) == ["INBOX", "Sent Items"]
    items: list[RawItem] = []
    with closing(channel.open("Sent Items")) as source:
        for batch in source.fetch(cursor):
            items += batch.items
            cursor = batch.cursor
    assert cursor is not None
    return items, cursor


def test_only_what_is_sent_from_now_on_is_read(channel: Channel, mail_server: MailServer) -> None:
    items, cursor = fetched(channel, None)
    assert items == []
    mail_server.append(ADDRESS, mail(subject="news"), folder="Sent Items")
    items, after = fetched(channel, cursor)
    (message,) = channel.parse(items[0])
    assert isinstance(message, IncomingMessage)
    assert (message.subject, message.written_by_us) == ("news", True)
    assert fetched(channel, after)[0] == []
    with closing(channel.open("Sent Items")) as source:
        assert list(source.inventory(after)) == [items[0].key], "its past is not compared either"


def test_mail_of_other_folders_is_not_ours(channel: Channel) -> None:
    (message,) = channel.parse(RawItem("1:1", mail()))
    assert isinstance(message, IncomingMessage) and not message.written_by_us


def test_a_test_proposes_the_folder_that_the_server_marks(mail_server: MailServer) -> None:
    address = "special@example.com"
    channel = registry.get("email")(address, mail_server.settings(address))
    folder = next(step for step in channel.check() if step.step == "folder")
    assert (folder.ok, folder.proposes) == (True, (("imap_sent_folder", "Sent"),))
