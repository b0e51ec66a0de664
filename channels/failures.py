"""What can go wrong between us and a provider, each with a code that the helpdesk has words for."""

from __future__ import annotations

from typing import Literal

ProblemCode = Literal[
    "settings",  # a setting is missing or contradicts another
    "dns",  # the server's name does not resolve
    "unreachable",  # refused, reset or no route
    "timeout",  # no answer in time
    "tls",  # certificate expired, wrong name, unknown issuer, or no TLS offered
    "login",  # user or password refused
    "token",  # the server refused what the provider gave us to sign in with
    "consent",  # the provider lets us in only after its owner has consented (again)
    "denied",  # the owner did not consent
    "admin_consent",  # the organisation's admin must consent first
    "tenant",  # the account is not of the organisation that the application is for
    "client",  # the provider does not accept our application's id or secret
    "redirect",  # the provider does not know the address that it should send the browser back to
    "folder",  # the folder to read does not exist or may not be read
    "recipient",  # this recipient was refused for good
    "sender",  # our own address may not send
    "too_large",
    "full",  # the recipient's mailbox has no room
    "quota",  # the provider's sending limit for this inbox is used up
    "policy",  # refused for what the message says or where it comes from (spam, DMARC, block lists)
    "busy",  # the server asks to come back later
    "rejected",  # refused for another reason; the detail has the server's words
    "protocol",  # the server said something that its protocol does not allow
]


class ChannelFailure(Exception):
    """A failure with a machine-readable ``code`` and the server's own words in ``detail``."""

    def __init__(self, code: ProblemCode, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code: ProblemCode = code
        self.detail = detail


class TemporaryFailure(ChannelFailure):
    """Worth trying again, after ``retry_after`` seconds if the server named a time.

    ``whole_inbox`` is true when the inbox itself is broken (login, TLS, server away), not just this message: the
    message then waits for the inbox instead of using up its attempts.
    """

    def __init__(
        self, code: ProblemCode, detail: str = "", *, retry_after: float | None = None, whole_inbox: bool = False
    ) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
        self.whole_inbox = whole_inbox


class PermanentFailure(ChannelFailure):
    """This message to this recipient will never go; a person must decide."""


class UnknownOutcome(ChannelFailure):
    """The message was handed over and the answer never came: it may or may not have been sent. Never resend blindly."""


class ForgedRequest(Exception):
    """A webhook whose signature does not prove its origin."""
