"""HTML that our own agents write: cleaned to what an editor makes, and turned into the text beside it."""

from __future__ import annotations

from html import escape

import nh3

TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "h2",
    "h3",
    "img",
    "hr",
}


def clean_written(html: str, *, mentions: bool = False) -> str:
    """Only the tags of the editor; links to http, https, mailto and tel; images of our own uploads (cid:).

    With ``mentions``, for what only colleagues read, also whom it names (``helpdesk.tickets.mentions``).
    """
    return nh3.clean(
        html,
        tags=TAGS | {"span"} if mentions else TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt", "width", "height"}, "span": {"data-mention"}},
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer",
    )


def from_text(text: str) -> str:
    """The text as an editor would have made it: a paragraph for each block of lines."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return "".join(f"<p>{escape(block.strip(chr(10))).replace(chr(10), '<br>')}</p>" for block in blocks)
