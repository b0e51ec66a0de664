"""The elements by which mail programs mark quoted history and signatures in HTML."""

from __future__ import annotations

import re
from typing import Protocol

# The element holds the quotation and nothing else.
CONTAINER = re.compile(
    r"\b(?:x_)*(?:gmail_quote(?:_container)?|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|"
    r"moz-cite-prefix|ymail_quote|yandex_quote|mailru-blockquote|mail-quote-collapse|replied-message|"
    r"cf_quote|freebirdformviewer|gmail_attr|mimestream_quote|front-blockquote|apple-mail-quote|hey_quote|fastmail-quote)\b",
    re.IGNORECASE,
)
CONTAINER_ID = re.compile(r"^(?:x_)*yahoo_quoted", re.IGNORECASE)
# The quotation begins here and goes on to the end.
CUTTING = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|"
    r"reply-intro|zwchr|ms-outlook-mobile-reference-message|isReplyContent|replySplit|"
    r"__QUOTED_TEXT__|__HEADERS__|__DIVIDER__)$",
    re.IGNORECASE,
)
CUTTING_CLASS = re.compile(r"\b(?:x_)*(?:OutlookMessageHeader|ms-outlook-mobile-reference-message|WordSection0)\b")
OUTLOOK_RULE = re.compile(  # the line above the copied header in Outlook for the desktop, for Windows Mail, and for Mac
    r"border:\s*none;\s*border-top:\s*solid\s+(?:#?[0-9a-z]+\s+1\.0pt|windowtext)|border-top:\s*1px\s+solid\s+#?(?:b5c4df|e1e1e1)"
    r"|border-top:\s*#?(?:b5c4df|e1e1e1)\s+1pt\s+solid|border-top-color:\s*(?:rgb\(229,\s*229,\s*229\)|#e5e5e5)",
    re.IGNORECASE,
)
SIGNATURE = re.compile(
    r"(?:^|[\s_])(?:gmail_signature(?:_prefix)?|moz-signature|protonmail_signature_block|ymail_signature|"
    r"ms-outlook-mobile-signature|AppleMailSignature|__SIG_P(?:RE|OST)__)(?=\s|$)",
    re.IGNORECASE,
)
SIGNATURE_ID = re.compile(
    r"^(?:x_)*(?:Signature|AppleMailSignature|ms-outlook-mobile-signature|ymail_android_signature|composer_signature)$",
    re.IGNORECASE,
)


class Marks:
    """Lines of one control character that stand in a text where HTML opened or closed something."""

    OPEN_QUOTE, CLOSE_QUOTE, CUT = "\x01", "\x02", "\x03"
    OPEN_BARE, CLOSE_BARE = "\x04", "\x05"
    OPEN_SIGNATURE, CLOSE_SIGNATURE = "\x06", "\x07"

    @classmethod
    def is_mark(cls, text: str) -> bool:
        return len(text) == 1 and "\x01" <= text <= "\x07"


class Writer(Protocol):
    def mark(self, mark: str) -> None:
        """Put a line of this one character."""


QUOTING = ("div", "blockquote", "hr", "section", "table", "pre", "span")
MARKED = {"class", "id", "style", "type", "name", "data-marker"}


class Quotes:
    """Marks what the open elements hold; tags are balanced, so that depth by tag tells them apart."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._depth = dict.fromkeys(QUOTING, 0)
        self._open: list[tuple[str, int, str]] = []

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "a" and attributes.get("name") == "_MailOriginal":
            self._writer.mark(Marks.CUT)
        if tag not in self._depth:
            return
        self._depth[tag] += tag != "hr"
        if is_cut(attributes):
            self._writer.mark(Marks.CUT)
        elif tag != "hr" and (kind := _kind(tag, attributes)):
            self._begin(tag, kind, attributes)

    def close(self, tag: str) -> None:
        if tag not in self._depth:
            return
        if self._open and self._open[-1][:2] == (tag, self._depth[tag]) and (closing := self._open.pop()[2]):
            self._writer.mark(closing)
        self._depth[tag] -= 1

    def _begin(self, tag: str, kind: str, attributes: dict[str, str]) -> None:
        if kind == Marks.OPEN_BARE and "gmail_quote" in attributes.get("class", ""):
            if not self._open or self._open[-1][0] != "div":
                return  # the button for quoting, pressed by a person
            self._end_containers()
            kind = Marks.OPEN_QUOTE
        self._open.append((tag, self._depth[tag], chr(ord(kind) + 1)))
        self._writer.mark(kind)

    def _end_containers(self) -> None:
        """Gmail's container also holds the answers between its quotations: from the first of these on, only they count."""
        for position in range(len(self._open) - 1, -1, -1):
            tag, depth, closing = self._open[position]
            if tag != "div":
                return
            if closing:
                self._open[position] = (tag, depth, "")
                self._writer.mark(closing)


def _kind(tag: str, attributes: dict[str, str]) -> str:
    """The mark that opens this element; empty when it is an ordinary one."""
    if is_signature(attributes):
        return Marks.OPEN_SIGNATURE
    if tag != "blockquote":
        return Marks.OPEN_QUOTE if is_container(attributes) else ""
    if attributes.get("type") == "cite":
        return Marks.OPEN_QUOTE
    names = attributes.get("class", "").replace("gmail_quote", "")
    return Marks.OPEN_QUOTE if CONTAINER.search(names) else Marks.OPEN_BARE


def is_container(attributes: dict[str, str]) -> bool:
    """Whether everything inside this element is quoted."""
    return bool(
        CONTAINER.search(attributes.get("class", ""))
        or CONTAINER_ID.match(attributes.get("id", ""))
        or attributes.get("name") == "quote"  # GMX, Web.de
    )


def is_signature(attributes: dict[str, str]) -> bool:
    """Whether a mail program put its user's signature into this element."""
    names = f"{attributes.get('class', '')} {attributes.get('data-marker', '')}"
    return bool(SIGNATURE.search(names) or SIGNATURE_ID.match(attributes.get("id", "")))


def is_cut(attributes: dict[str, str]) -> bool:
    """Whether everything from this element on is quoted."""
    return bool(
        CUTTING.match(attributes.get("id", ""))
        or CUTTING.match(attributes.get("data-marker", ""))
        or CUTTING_CLASS.search(attributes.get("class", ""))
        or OUTLOOK_RULE.search(attributes.get("style", ""))
    )
