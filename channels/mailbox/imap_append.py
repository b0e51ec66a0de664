"""Keeping a copy of what was sent in a folder of the mailbox (RFC 3501 §6.3.11)."""

from __future__ import annotations

import imaplib

from imapclient import SEEN, IMAPClient

from channels.failures import TemporaryFailure
from channels.mailbox import imap_connection
from channels.mailbox.errors import translated, words
from channels.mailbox.settings import Endpoint


def append(endpoint: Endpoint, folder: str, data: bytes) -> None:
    """Put the mail into the folder, marked as read. Raises TemporaryFailure("folder") when there is no such folder."""
    client = imap_connection.connect(endpoint)
    try:
        imap_connection.login(client, endpoint)
        with translated(endpoint):
            _append(client, folder, data)
    finally:
        imap_connection.drop(client)


def _append(client: IMAPClient, folder: str, data: bytes) -> None:
    try:
        client.append(folder, data, flags=[SEEN])
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise TemporaryFailure("folder", words(error)) from error
