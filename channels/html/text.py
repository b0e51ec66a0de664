"""HTML to plain text that reads well, and plain text to HTML. nh3 does the parsing; its output is well-formed."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

from channels.html.guard import simple_enough, strip_tags, written_out
from channels.html.quotes import MARKED, QUOTING, Quotes

BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "table",
        "ul",
        "ol",
        "dl",
        "pre",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table"])
ROWS = frozenset(["tr", "dt", "dd", "li"])
KEPT = BLOCKS | ROWS | {"br", "hr", "a", "img", "td", "th"}
UNSEEN = {"script", "style", "title", "head", "noscript", "template", "textarea", "select", "iframe", "object"}
TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?:[^>"]|"[^"]*")*)>|([^<]+)')
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
NO_MARKS = dict.fromkeys(range(1, 8))
MAX_HTML = 3_000_000
MAX_TAGS = 60_000


def html_to_text(html: str, *, marks: bool = False) -> str:
    """The words of ``html`` in order, with paragraphs, list bullets, quote marks and the targets of links.

    With ``marks``, lines of one control character (``html_quotes.Marks``) stand where quoted history or a signature
    opens, closes, or begins for good.
    """
    html = written_out(html[:MAX_HTML])
    if html.count("<") > MAX_TAGS or not simple_enough(html):
        return _tidy(unescape(strip_tags(html)))
    marked = dict.fromkeys(QUOTING, MARKED) if marks else {}
    clean = nh3.clean(
        html,
        tags=KEPT | set(marked),
        attributes={"a": {"href", "name"}, "img": {"alt"}, **marked},
        clean_content_tags=UNSEEN,
        link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    ).translate(NO_MARKS)
    writer = _Writer()
    quotes = Quotes(writer) if marks else None
    for closing, tag, attributes, text in TOKEN.findall(clean):
        if text:
            writer.words(unescape(text))
        elif closing:
            writer.close(tag)
            if quotes:
                quotes.close(tag)
        else:
            found = dict(ATTRIBUTE.findall(attributes))
            if quotes:
                quotes.open(tag, found)
            writer.open(tag, found)
    return _tidy(writer.text())


class _Writer:
    """Writes lines; ``quote`` is the depth of blockquotes, ``lists`` the open lists with their next number."""

    def __init__(self) -> None:
        self._lines: list[str] = [""]
        self._quote = 0
        self._pre = 0
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int, int]] = []

    def mark(self, mark: str) -> None:
        self._newline()
        self._lines[-1] = mark
        self._lines.append("> " * self._quote)

    def words(self, text: str) -> None:
        if self._pre:
            first, *rest = text.split("\n")
            self._lines[-1] += first
            for line in rest:
                self._newline(force=True)
                self._lines[-1] += line
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        line = self._lines[-1]
        self._lines[-1] = line + (text.lstrip(" ") if not line.strip("> ") or line.endswith(" ") else text)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        match tag:
            case "br":
                self._newline(force=True)
            case "hr":
                self._newline()
                self._lines[-1] += "---"
                self._newline()
            case "img":
                self.words(unescape(attributes.get("alt", "")))
            case "a":
                self._links.append((unescape(attributes.get("href", "")), len(self._lines), len(self._lines[-1])))
            case "td" | "th":
                self.words(" ")
            case "ul" | "ol":
                self._paragraph(nested=bool(self._lists))
                self._lists.append(1 if tag == "ol" else None)
            case "li":
                self._newline()
                self._lines[-1] += self._bullet()
            case "pre" | "blockquote":
                self._paragraph()
                self._pre += tag == "pre"
                self._quote += tag == "blockquote"
                self._lines[-1] = "> " * self._quote
            case _:
                self._break(tag)

    def close(self, tag: str) -> None:
        match tag:
            case "a":
                self._target()
            case "ul" | "ol":
                if self._lists:
                    self._lists.pop()
                self._paragraph(nested=bool(self._lists))
            case "pre" | "blockquote":
                self._pre -= tag == "pre" and self._pre > 0
                self._newline()
                self._quote -= tag == "blockquote" and self._quote > 0
                self._lines[-1] = "> " * self._quote
                self._paragraph()
            case "td" | "th":
                return
            case _:
                self._break(tag)

    def text(self) -> str:
        return "\n".join(self._lines)

    def _break(self, tag: str) -> None:
        if tag in PARAGRAPHS:
            self._paragraph()
        elif tag in BLOCKS or tag in ROWS:
            self._newline()

    def _bullet(self) -> str:
        indent = "  " * max(0, len(self._lists) - 1)
        number = self._lists[-1] if self._lists else None
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _target(self) -> None:
        if not self._links:
            return
        href, line, column = self._links.pop()
        shown = self._lines[-1][column:] if line == len(self._lines) else ""
        bare = href.removeprefix("mailto:").removeprefix("tel:").rstrip("/")
        if href and bare not in shown and bare.partition("://")[2] != shown.strip().rstrip("/"):
            self._lines[-1] += f" <{href}>"

    def _newline(self, *, force: bool = False) -> None:
        if force or self._lines[-1].strip("> "):
            self._lines.append("> " * self._quote)

    def _paragraph(self, *, nested: bool = False) -> None:
        self._newline()
        if not nested and len(self._lines) > 1 and self._lines[-2].strip("> "):
            self._lines.append("> " * self._quote)


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def text_to_html(text: str) -> str:
    """Plain text as HTML: escaped, addresses of pages made links, lines kept."""
    linked, position = [], 0
    for match in URL.finditer(text):
        url = escape(match[0])
        linked += [escape(text[position : match.start()]), f'<a href="{url}">{url}</a>']
        position = match.end()
    linked.append(escape(text[position:]))
    return "<br>\n".join("".join(linked).splitlines())
