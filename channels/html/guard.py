"""Whether HTML is simple enough to parse: the parser's work grows with depth times tags, so 5 MB can cost minutes."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,20})")
OPENED = re.compile(r"<[a-zA-Z][^\s/>]*+((?:[^=>]|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|(?=[^\"'])|\Z))*+)")
# Tags that never contain others, or end by themselves where the next of them begins.
FLAT = frozenset(
    [
        "br",
        "hr",
        "img",
        "wbr",
        "meta",
        "link",
        "input",
        "area",
        "base",
        "col",
        "p",
        "li",
        "dd",
        "dt",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "option",
    ]
)
MAX_TAGS = 400_000
MAX_ENTITIES, MAX_COPIED = 200_000, 4_000_000_000  # a text grows by copying at each of its entities
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
SYNTAX = frozenset("<>&\"'`=")
# Start tags at which a text always ends; those of tables do not where there is no table.
ENDS_TEXT = re.compile(r"<(?=[a-zA-Z])(?!(?:html|body|head|frame|caption|col|t(?:body|d|foot|h|head|r)\b))")
MAX_WORK = 20_000_000
MAX_DEPTH = 4_000
MAX_ATTRIBUTES = 2_000
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
UNSEEN = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
LINE_TAG = re.compile(r"<(?:/?(?:p|div|tr|li|h[1-6]|table|blockquote)|br)\b[^<>]*>", re.IGNORECASE)
STRAY = re.compile(r"<+\s*(?=<)")
ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def simple_enough(html: str) -> bool:
    """Whether a real HTML parser gets through ``html`` in well under a second (measured with nh3)."""
    if len(html) < 3_000:
        return True
    return html.count("<") <= MAX_TAGS and _entities(html) and _work(html) and _attributes(html)


def written_out(html: str) -> str:
    """The same document with its harmless entities (``&nbsp;``, ``&uuml;``) as the characters they stand for."""
    if not 1_000 < html.count("&") <= MAX_ENTITIES:
        return html
    return ENTITY.sub(_written, html)


def _written(entity: re.Match[str]) -> str:
    character = unescape(entity[0])
    return entity[0] if character in SYNTAX else character


def _entities(html: str) -> bool:
    """Over-estimated: the parser copies what a text has so far at each ``&`` in it."""
    count = html.count("&")
    if count * len(html) <= MAX_COPIED:
        return True
    return count <= MAX_ENTITIES and sum(text.count("&") * len(text) for text in ENDS_TEXT.split(html)) <= MAX_COPIED


def _work(html: str) -> bool:
    """Depth is over-estimated: tags in comments count, and only an end tag that was opened counts back."""
    open_tags: Counter[str] = Counter()
    depth = work = 0
    for closing, name in TAG.findall(html.lower()):
        if name in FLAT:
            work += depth
            continue
        if not closing:
            open_tags[name] += 1
            depth += 1
        elif open_tags[name]:
            open_tags[name] -= 1
            depth -= 1
        work += depth
        if depth > MAX_DEPTH or work > MAX_WORK:
            return False
    return True


def _attributes(html: str) -> bool:
    """Attributes of one tag are compared with each other, so that their number counts squared."""
    return all(
        len(match[1]) < MAX_ATTRIBUTES or len(match[1].split(None, MAX_ATTRIBUTES)) <= MAX_ATTRIBUTES
        for match in OPENED.finditer(html)
    )


def strip_tags(html: str) -> str:
    """Text of HTML that is not worth parsing, in linear time; not safe to show as HTML."""
    text = UNSEEN.sub("", COMMENT.sub("", STRAY.sub("", html)))
    return ANY_TAG.sub("", LINE_TAG.sub("\n", text))
