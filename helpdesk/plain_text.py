"""HTML as plain text, for the text beside HTML that agents write and for previews."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "tr", "table", "hr", "br"}
_SPACES = re.compile(r"\s+")
_HIDDEN = {"script", "style", "head", "title"}


def from_html(html: str) -> str:
    """The words of the HTML, a line for each block, bullets for list items, addresses behind links."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._link = ""
        self._since_link = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag in ("p", "blockquote", "table") else "\n")
            if tag == "li":
                self.parts.append("- ")
        elif tag == "a":
            self._link, self._since_link = dict(attrs).get("href") or "", len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(self._hidden - 1, 0)
        elif tag == "a" and self._link.startswith(("http:", "https:")):
            shown = "".join(self.parts[self._since_link :]).strip()
            if shown != self._link:
                self.parts.append(f" ({self._link})")
            self._link = ""
        elif tag in ("p", "blockquote", "table"):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_SPACES.sub(" ", data))
