"""What went wrong on the way to a mail server, as the helpdesk's codes with the server's own words."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from channels.failures import ChannelFailure, ProblemCode, TemporaryFailure
from channels.mailbox.settings import Endpoint


@contextmanager
def translated(endpoint: Endpoint, default: ProblemCode = "protocol") -> Iterator[None]:
    """Turn what the libraries raise inside into a TemporaryFailure of the whole inbox; passwords never get out."""
    try:
        yield
    except ChannelFailure:
        raise
    except (OSError, imaplib.IMAP4.error, smtplib.SMTPException, ValueError) as error:
        code = problem_code(error, default)
        raise TemporaryFailure(code, words(error, endpoint.password), whole_inbox=True) from error


def problem_code(error: Exception, default: ProblemCode) -> ProblemCode:
    """The code of an error of the network, of TLS or of a mail library."""
    match error:
        case socket.gaierror() | UnicodeError():  # a name that is too long fails in its encoding
            return "dns"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "unreachable"
        case ssl.SSLError():
            return "tls"
        case TimeoutError():
            return "timeout"
        case smtplib.SMTPServerDisconnected() | imaplib.IMAP4.abort():
            return "timeout" if "timed out" in str(error) else "unreachable"
        case smtplib.SMTPException():
            return default
        case OSError():
            return "unreachable"
    return default


def words(error: Exception, password: str = "") -> str:
    """The server's own words in an error, or the library's; without the password, should a server echo it."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = f"{error.smtp_code} {_text(error.smtp_error)}"
    elif isinstance(error, ssl.SSLCertVerificationError):
        text = error.verify_message or str(error)
    else:
        text = _text(error.args[-1] if error.args else "") or type(error).__name__
    return text.replace(password, "…") if password else text


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if text.startswith(("b'", 'b"')) and text.endswith(text[1]):
        text = text[2:-1]
    return " ".join(text.split())[:500]
