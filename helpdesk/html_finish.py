"""The last walk over a mail's safe HTML: its remote pictures are hidden, proxied or dropped, and its links marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape

from helpdesk.trackers import is_tracker, is_unseen

Proxy = Callable[[str], str]
Anchor = Callable[[str, str], tuple[Mapping[str, str], str]]
"""From a link's address and its text to the attributes that replace its own, and safe HTML to put behind it."""

TAG = re.compile(r'<(/?)([a-zA-Z][^\s/>]*)((?:[^">]|"[^"]*")*)>')
ATTRIBUTE = re.compile(r'\s([^\s="]+)="([^"]*)"')
VOID = frozenset({"br", "hr", "wbr", "col"})
NUMBERED = "remote-picture:"
STYLE = re.compile(r'\sstyle="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Safe:
    """Safe HTML, with how many remote ``pictures`` it has (shown or not) and how many ``trackers`` it lost."""

    html: str
    pictures: int = 0
    trackers: int = 0


class Finish:
    """One walk over HTML that nh3 wrote (every ``<`` begins a tag, every value is quoted): pictures and links."""

    def __init__(self, remote: Sequence[str], source: Proxy, anchor: Anchor | None) -> None:
        self._remote, self._source, self._anchor = remote, source, anchor
        self._pictures = self._trackers = 0
        self._open: list[tuple[str, bool]] = []  # name, and whether it hides what is in it
        self._link: tuple[int, dict[str, str], int] | None = None  # its tag's place in _out, attributes, start of text
        self._out: list[str] = []

    def run(self, html: str) -> Safe:
        at = 0
        for tag in TAG.finditer(html):
            self._out.append(html[at : tag.start()])
            at = tag.end()
            self._close(tag) if tag[1] else self._start(tag)
        self._out.append(html[at:])
        return Safe("".join(self._out), self._pictures, self._trackers)

    def _start(self, tag: re.Match[str]) -> None:
        name = tag[2]
        if name == "img":
            self._out.append(self._image(tag[0], {key: unescape(value) for key, value in ATTRIBUTE.findall(tag[3])}))
            return
        self._out.append(tag[0])
        if name in VOID:
            return
        style = STYLE.search(tag[3])
        self._open.append((name, self._is_unseen() or bool(style and is_unseen(unescape(style[1])))))
        if name == "a" and self._anchor:
            self._finish_link()  # of one that this one stands in, which only tables bring about
            attributes = {key: unescape(value) for key, value in ATTRIBUTE.findall(tag[3])}
            self._link = (len(self._out) - 1, attributes, len(self._out))

    def _close(self, tag: re.Match[str]) -> None:
        if self._open and self._open[-1][0] == tag[2]:
            self._open.pop()
        behind = self._finish_link() if tag[2] == "a" else ""
        self._out.append(tag[0] + behind)

    def _finish_link(self) -> str:
        if self._link is None or self._anchor is None:
            return ""
        (place, attributes, start), self._link = self._link, None
        if "href" not in attributes:
            return ""
        text = unescape(TAG.sub("", "".join(self._out[start:])))
        changed, behind = self._anchor(attributes["href"], text)
        self._out[place] = _tag("a", {**attributes, **changed})
        return behind

    def _image(self, tag: str, attributes: dict[str, str]) -> str:
        if not attributes.get("src", "").startswith(NUMBERED):
            return tag
        url = self._remote[int(attributes["src"].removeprefix(NUMBERED))]
        if is_tracker(url, attributes, unseen=self._is_unseen()):
            self._trackers += 1
            return ""
        self._pictures += 1
        return _tag("img", attributes | {"src": self._source(url)})

    def _is_unseen(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"
