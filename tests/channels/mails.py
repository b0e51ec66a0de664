"""Small raw mails for the tests of the email channel."""

from __future__ import annotations


def mail(subject: str, *, body: str = "Merhaba", message_id: str | None = None, headers: str = "") -> bytes:
    """A plain mail; without ``message_id`` it has none."""
    lines = ["From: Ayşe Yılmaz <ayse@customer.example>", "To: support@example.com", f"Subject: {subject}"]
    lines += [f"Message-ID: <{message_id}>"] if message_id else []
    lines += headers.splitlines()
    lines += ["Content-Type: text/plain; charset=utf-8", "", body, ""]
    return "\r\n".join(lines).encode()
