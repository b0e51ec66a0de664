"""Customers' mails as raw bytes, as their mail programs would send them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape

from helpdesk.demo.files import document, picture
from helpdesk.demo.people import Person


def mail(
    sender: Person,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    *,
    answers: Sequence[str] = (),
    flags: frozenset[str] = frozenset(),
) -> tuple[str, bytes]:
    """The Message-ID and the bytes of one mail. ``answers``: the Message-IDs before it; ``flags``: what comes with it."""
    message = EmailMessage(policy=SMTP)
    message_id = make_msgid(domain=sender.address.partition("@")[2])
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id
    if answers:
        message["In-Reply-To"] = f"<{answers[-1]}>"
        message["References"] = " ".join(f"<{answer}>" for answer in answers[-10:])
    _write(message, sender, text, flags)
    return message_id.strip("<>"), message.as_bytes()


def _write(message: EmailMessage, sender: Person, text: str, flags: frozenset[str]) -> None:
    message.set_content(f"{text}\n\n{sender.name}\n")
    if "html" in flags or "inline" in flags:
        shown = '<p><img src="cid:foto" alt="" width="240"></p>' if "inline" in flags else ""
        html = f'<div dir="ltr"><p>{escape(text)}</p>{shown}<p>{escape(sender.name)}</p></div>'
        message.add_alternative(html, subtype="html")
    if "inline" in flags and (body := message.get_body(("html",))) is not None:
        body.add_related(picture(len(text)), "image", "png", cid="<foto>", filename="foto.png", disposition="inline")
    if "photo" in flags:
        names = ("fotograf-1.png", "fotograf-2.png") if sender.language == "tr" else ("photo.png",)
        for number, name in enumerate(names):
            message.add_attachment(picture(len(text) + number), maintype="image", subtype="png", filename=name)
    if "pdf" in flags:
        name = "ek.pdf" if sender.language == "tr" else "letter.pdf"
        message.add_attachment(document(sender.name), maintype="application", subtype="pdf", filename=name)
