"""Any bytes to an IncomingMessage: what could not be read is named in its defects, nothing is ever raised."""

from __future__ import annotations

from channels.messages import Address, IncomingMessage
from channels.mime.addresses import read_addresses
from channels.mime.authentication import read_results
from channels.mime.automatic import is_automatic
from channels.mime.body import read_body
from channels.mime.bounce import read_bounce, read_receipts
from channels.mime.dates import date
from channels.mime.headers import MAX_REFERENCES, Headers, message_id, message_ids
from channels.mime.origin import delivered_to, verdict
from channels.mime.protection import read_protection
from channels.mime.tree import Part, Reader
from channels.visible.reply import Visible, visible_html, visible_text

ONCE = ("from", "subject", "date", "message-id", "content-type")
MAX_DEFECTS = 50
_LONG_THREAD = f"{MAX_REFERENCES} references or more: those in the middle are not read"


def read_mail(raw: bytes, inbox: str = "", servers: frozenset[str] = frozenset()) -> IncomingMessage:
    """One raw mail (RFC 5322) as a message; every byte string gives one.

    ``inbox`` is the address that it came to, ``servers`` are those whose word on its sender counts.
    """
    root = Reader(raw).read(0, len(raw))
    headers, body = root.headers, read_body(root)
    sender = _sender(headers)
    subject = headers.text("subject")
    text, html = body.text, body.html
    visible = _visible(text, html, body.segments)
    bounce = read_bounce(raw, root, sender, subject)
    server, results = read_results(headers)
    references = message_ids(headers.all("references"))
    cut = [_LONG_THREAD] if len(references) == MAX_REFERENCES else []
    return IncomingMessage(
        sender=sender,
        text=text,
        html=html,
        visible_text=visible.visible,
        signature=visible.signature,
        subject=subject,
        to=read_addresses(headers.all("to")),
        cc=read_addresses(headers.all("cc")),
        reply_to=read_addresses(headers.all("reply-to")),
        attachments=tuple(body.attachments),
        message_id=message_id(headers.first("message-id")),
        in_reply_to=message_ids(headers.all("in-reply-to")),
        references=references,
        sent_at=date(headers.first("date")),
        automatic=bounce is not None or is_automatic(headers, root.kind, sender, subject, inbox, visible.visible),
        bounce=bounce,
        receipts=read_receipts(raw, root),
        authentication=results,
        authenticated_by=server,
        verdict=verdict(headers, sender, servers),
        delivered_to=delivered_to(headers),
        invitation=body.invitation,
        protection=read_protection(root, text),
        defects=_defects(raw, root, sender, [*body.defects, *root.defects, *cut]),
    )


def _sender(headers: Headers) -> Address:
    """Who wrote it: From, else Sender, else the envelope; an empty address when nobody is named."""
    for name in ("from", "sender", "return-path"):
        if found := read_addresses(headers.all(name)):
            return next((address for address in found if "@" in address.address), found[0])
    return Address("")


def _visible(text: str, html: str, segments: list[tuple[str | None, str | None]]) -> Visible:
    """By the text where it tells; by the HTML where that is all there is, or where only it marks history or signature."""
    if html and all(not (plain or "").strip() for plain, _html in segments):
        return visible_html(html)
    found = visible_text(text)
    if not html or found.hidden:
        return found
    marked = visible_html(html)
    return marked if marked.hidden or (marked.signature and not found.signature) else found


def _defects(raw: bytes, root: Part, sender: Address, found: list[str]) -> tuple[str, ...]:
    headers = root.headers
    defects = ["an empty mail"] if not raw.strip() else []
    defects += ["no sender address"] if "@" not in sender.address else []
    defects += [f"no {name} header" for name in ("date", "message-id") if name not in headers]
    defects += [f"{headers.count(name)} {name} headers" for name in ONCE if headers.count(name) > 1]
    defects += ["unreadable date"] if "date" in headers and date(headers.first("date")) is None else []
    return tuple(dict.fromkeys(defects + found))[:MAX_DEFECTS]
