"""Whether HTML is simple enough to parse: the parser's work grows with depth times tags, so 5 MB can cost minutes."""

from __future__ import annotations

import re
from collections import Counter

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
MAX_WORK = 20_000_000
MAX_DEPTH = 4_000
MAX_ATTRIBUTES = 2_000
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
UNSEEN = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
LINE_TAG = re.compile(r"<(?:/?(?:p|div|tr|li|h[1-6]|table|blockquote)|br)\b[^<>]*>", re.IGNORECASE)
ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def simple_enough(html: str) -> bool:
    """Whether a real HTML parser gets through ``html`` in well under a second (measured with nh3)."""
    if len(html) < 3_000:
        return True
    return _work(html) and _attributes(html)


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
    text = UNSEEN.sub("", COMMENT.sub("", html))
    return ANY_TAG.sub("", LINE_TAG.sub("\n", text))
