"""The elements by which mail programs mark quoted history in HTML."""

from __future__ import annotations

import re

# The element holds the quotation and nothing else.
CONTAINER = re.compile(
    r"\b(?:x_)*(?:gmail_quote(?:_container)?|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|"
    r"moz-cite-prefix|ymail_quote|yandex_quote|mailru-blockquote|mail-quote-collapse|replied-message|"
    r"cf_quote|freebirdformviewer|gmail_attr|mimestream_quote|front-blockquote|apple-mail-quote|hey_quote|fastmail-quote)\b",
    re.IGNORECASE,
)
# The quotation begins here and goes on to the end.
CUTTING = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|"
    r"reply-intro|zwchr|ms-outlook-mobile-reference-message|isReplyContent|replySplit)$",
    re.IGNORECASE,
)
CUTTING_CLASS = re.compile(r"\b(?:x_)*(?:OutlookMessageHeader|ms-outlook-mobile-reference-message|WordSection0)\b")
OUTLOOK_RULE = re.compile(  # the line above the copied header in Outlook for the desktop, for Windows Mail, and for Mac
    r"border:\s*none;\s*border-top:\s*solid\s+(?:#?[0-9a-z]+\s+1\.0pt|windowtext)|border-top:\s*1px\s+solid\s+#?(?:b5c4df|e1e1e1)"
    r"|border-top:\s*#?b5c4df\s+1pt\s+solid",
    re.IGNORECASE,
)


def is_container(tag: str, attributes: dict[str, str]) -> bool:
    """Whether everything inside this element is quoted."""
    if tag == "blockquote":
        return attributes.get("type") == "cite" or bool(CONTAINER.search(attributes.get("class", "")))
    return bool(CONTAINER.search(attributes.get("class", "")) or attributes.get("id", "").startswith("yahoo_quoted"))


def is_cut(attributes: dict[str, str]) -> bool:
    """Whether everything from this element on is quoted."""
    return bool(
        CUTTING.match(attributes.get("id", ""))
        or CUTTING_CLASS.search(attributes.get("class", ""))
        or OUTLOOK_RULE.search(attributes.get("style", ""))
    )
