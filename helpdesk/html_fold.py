"""Quoted history and signatures of a mail's safe HTML folded away, exactly where those of its text are.

What is new in the mail is known already, as text. The HTML is read until all of that has been seen; what follows goes
into ``<details>``, which need no script. Where text and HTML disagree nothing is folded: no new word is ever hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

from helpdesk.html_finish import STYLE, TAG, VOID
from helpdesk.trackers import is_unseen

INSEPARABLE = frozenset("tr td th thead tbody tfoot caption colgroup li dt dd figcaption summary legend".split())
"""Elements that would not survive between their parent and a ``<details>``."""
MOST_FOLDS, MOST_CHARS = 2, 1_000_000
_LETTERS = re.compile(r"[^\W_]+")


def fold(html: str, visible: str, label: str) -> str:
    """The HTML (as nh3 writes it) with what comes behind the ``visible`` text folded; ``label`` says what that is."""
    new = _letters(visible)
    if not new or len(html) > MOST_CHARS:
        return html
    folds = _Reader(new).folds(html)
    if not folds or len(folds) > MOST_FOLDS:
        return html
    before = f'<details class="quoted"><summary title="{escape(label)}" aria-label="{escape(label)}">•••</summary>'
    for start, end in reversed(folds):
        html = f"{html[:start]}{before}{html[start:end]}</details>{html[end:]}"
    return html


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    start: int  # of its tag in the HTML
    shown: int  # how much had been shown before it
    is_unseen: bool


class _Mismatch(Exception):
    """The HTML does not begin with the new text, or cannot be cut behind it."""


class _Reader:
    def __init__(self, new: str) -> None:
        self._new = new
        self._read = 0  # letters of the new text
        self._shown = 0  # letters and pictures
        self._open: list[_Element] = []
        self._fold: tuple[int, int] | None = None  # where the open fold starts, and how deep
        self._folds: list[tuple[int, int]] = []

    def folds(self, html: str) -> list[tuple[int, int]]:
        """Where to fold, as (start, end); empty when there is nothing to fold, or it cannot be."""
        at = 0
        try:
            for tag in TAG.finditer(html):
                self._text(html[at : tag.start()], at)
                at = tag.end()
                self._close(tag) if tag[1] else self._start(tag)
            self._text(html[at:], at)
        except _Mismatch:
            return []
        self._end_fold(len(html), -1)
        return self._folds if self._read == len(self._new) else []

    def _start(self, tag: re.Match[str]) -> None:
        name = tag[2]
        if name == "img":
            self._shown += 1
        elif name not in VOID:
            style = STYLE.search(tag[3])
            unseen = self._is_unseen() or bool(style and is_unseen(unescape(style[1])))
            self._open.append(_Element(name, tag.start(), self._shown, unseen))

    def _close(self, tag: re.Match[str]) -> None:
        if self._open and self._open[-1].name == tag[2]:
            self._open.pop()
            self._end_fold(tag.start(), len(self._open))

    def _text(self, text: str, at: int) -> None:
        letters = _letters(unescape(text)) if not self._is_unseen() else ""
        if not letters or self._fold:
            return
        if self._read < len(self._new):
            if not self._new.startswith(letters, self._read):
                raise _Mismatch
            self._read += len(letters)
        else:
            self._begin_fold(at)
        self._shown += len(letters)

    def _begin_fold(self, at: int) -> None:
        """At the outermost element around this text that has shown nothing else yet."""
        depth = next((deep for deep, one in enumerate(self._open) if one.shown == self._shown), len(self._open))
        if depth < len(self._open):
            if self._open[depth].name in INSEPARABLE:
                raise _Mismatch
            at = self._open[depth].start
        self._fold = (at, depth)

    def _end_fold(self, at: int, depth: int) -> None:
        """With the element that the fold stands in."""
        if self._fold and depth < self._fold[1]:
            self._folds.append((self._fold[0], at))
            self._fold = None

    def _is_unseen(self) -> bool:
        return bool(self._open) and self._open[-1].is_unseen


def _letters(text: str) -> str:
    return "".join(_LETTERS.findall(text))
