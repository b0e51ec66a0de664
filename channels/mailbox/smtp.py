"""Handing one mail to an SMTP server (RFC 5321, 1870, 6531), with every answer told apart."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from channels.failures import PermanentFailure, ProblemCode, TemporaryFailure, UnknownOutcome
from channels.mailbox import oauth as mail_oauth
from channels.mailbox.compose import ascii_domain
from channels.mailbox.errors import problem_code, translated, words
from channels.mailbox.settings import Endpoint
from channels.mailbox.smtp_answers import answered, said
from channels.mailbox.tokens import TokenRefused, present
from channels.messages import Receipt

CONNECT_SECONDS = 30
FINAL_ANSWER_SECONDS = 300  # a server may scan for long before it answers the last dot; RFC 5321 §4.5.3.2.6 says 10 min
ENVELOPE_ID = re.compile(r"[0-9A-Za-z.-]{1,100}")  # needs no xtext encoding (RFC 3461 §4)
DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a mail is from and for, as the server is told. An empty ``sender`` can get no answer (RFC 5321 §4.5.5)."""

    sender: str
    recipient: str
    token: str = ""


def connect(endpoint: Endpoint, greeting_name: str) -> smtplib.SMTP:
    """A greeted connection with TLS as set. Raises TemporaryFailure."""
    with translated(endpoint):
        if endpoint.security == "ssl":
            return _greeted(
                smtplib.SMTP_SSL(
                    endpoint.host, endpoint.port, greeting_name, timeout=CONNECT_SECONDS, context=endpoint.tls()
                )
            )
        smtp = _greeted(smtplib.SMTP(endpoint.host, endpoint.port, greeting_name, timeout=CONNECT_SECONDS))
    if endpoint.security == "starttls":
        with closing_on_failure(smtp), translated(endpoint, "tls"):
            smtp.starttls(context=endpoint.tls())
            smtp.ehlo_or_helo_if_needed()
    return smtp


def _greeted(smtp: smtplib.SMTP) -> smtplib.SMTP:
    with closing_on_failure(smtp):
        smtp.ehlo_or_helo_if_needed()
    return smtp


@contextmanager
def closing_on_failure(smtp: smtplib.SMTP) -> Iterator[None]:
    try:
        yield
    except BaseException:
        smtp.close()
        raise


def login(smtp: smtplib.SMTP, endpoint: Endpoint) -> None:
    """Log in, unless no user is set. Raises TemporaryFailure: "login" or "token" when the server refuses us."""
    if not endpoint.user:
        return
    with translated(endpoint, "login"):
        if endpoint.tokens is not None:
            present(endpoint.tokens, lambda token: _authenticate(smtp, endpoint, token))
            return
        try:
            smtp.login(endpoint.user, endpoint.password)
        except smtplib.SMTPAuthenticationError as error:
            code: ProblemCode = "busy" if error.smtp_code < 500 else "login"
            raise TemporaryFailure(code, words(error, endpoint.password), whole_inbox=True) from error


def _authenticate(smtp: smtplib.SMTP, endpoint: Endpoint, token: str) -> None:
    """Sign in with a token (RFC 4954). Raises TokenRefused."""
    name = mail_oauth.mechanism(set(smtp.esmtp_features.get("auth", "").upper().split()))
    if name is None:
        raise TemporaryFailure("token", "the server offers neither XOAUTH2 nor OAUTHBEARER", whole_inbox=True)
    reasons: list[str] = []

    def answer(challenge: bytes | None = None) -> str:
        if challenge is None:
            return mail_oauth.credentials(name, endpoint.user, token)
        reasons.append(mail_oauth.refusal(challenge))
        return mail_oauth.farewell(name)

    try:
        smtp.auth(name, answer)
    except smtplib.SMTPAuthenticationError as error:
        said = " ".join([words(error, token), *reasons]).strip()
        if error.smtp_code < 500:
            raise TemporaryFailure("busy", said, whole_inbox=True) from error
        raise TokenRefused(said) from error


def transmit(
    smtp: smtplib.SMTP, endpoint: Endpoint, envelope: Envelope, data: bytes, handover: Callable[[], None]
) -> Receipt:
    """Send one mail to one recipient; ``handover`` is called when the server waits for its content."""
    with translated(endpoint):
        answered(smtp.mail(ascii_domain(envelope.sender), _mail_options(smtp, envelope, data)), "sender")
        answered(smtp.rcpt(ascii_domain(envelope.recipient), _rcpt_options(smtp, envelope)), "recipient")
        answered(smtp.docmd("DATA"), "rejected", accepted=354)
    handover()
    return _content(smtp, data)


def _mail_options(smtp: smtplib.SMTP, envelope: Envelope, data: bytes) -> list[str]:
    """Parameters of MAIL that the server offers and this mail needs. Raises PermanentFailure when it cannot take it."""
    limit = smtp.esmtp_features.get("size", "").split(" ")[0]
    if limit.isdigit() and 0 < int(limit) < len(data):
        raise PermanentFailure("too_large", f"{len(data)} bytes; the server takes {limit}")
    options = [f"SIZE={len(data)}"] if smtp.has_extn("size") else []
    options += ["BODY=8BITMIME"] if not data.isascii() and smtp.has_extn("8bitmime") else []
    if _reports(smtp, envelope):
        options += ["RET=HDRS", *([f"ENVID={envelope.token}"] if ENVELOPE_ID.fullmatch(envelope.token) else [])]
    if ascii_domain(envelope.sender).isascii() and ascii_domain(envelope.recipient).isascii():
        return options
    if not smtp.has_extn("smtputf8"):
        raise PermanentFailure("recipient", "the server does not take addresses with other than ASCII letters (SMTPUTF8)")
    smtp.command_encoding = "utf-8"
    return [*options, "SMTPUTF8"]


def _rcpt_options(smtp: smtplib.SMTP, envelope: Envelope) -> list[str]:
    """Ask to be told when it cannot be delivered or is late (RFC 3461 §4.1); success needs no mail of its own."""
    return ["NOTIFY=FAILURE,DELAY"] if _reports(smtp, envelope) else []


def _reports(smtp: smtplib.SMTP, envelope: Envelope) -> bool:
    """Whether to ask for reports: without a return path there is nobody to send them to."""
    return bool(envelope.sender) and smtp.has_extn("dsn")


def _content(smtp: smtplib.SMTP, data: bytes) -> Receipt:
    """The mail itself, and the answer to its last dot: without one nobody knows whether it was taken."""
    ended = data if data.endswith(b"\r\n") else data + b"\r\n"
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(FINAL_ANSWER_SECONDS)
        smtp.send(DOT.sub(b"..", ended) + b".\r\n")
        answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise UnknownOutcome(problem_code(error, "protocol"), words(error)) from error
    answered(answer, "rejected")
    return Receipt("", said(answer))


def quit_politely(smtp: smtplib.SMTP) -> None:
    """Say goodbye; what was said before is what counts."""
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    smtp.close()
