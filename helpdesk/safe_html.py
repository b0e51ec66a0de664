"""Customers' HTML made safe to show: nothing runs, nothing escapes its frame, nothing is fetched unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Literal
from urllib.parse import quote

import nh3

from channels.html.guard import simple_enough, strip_tags, written_out
from helpdesk.html_finish import NUMBERED, Anchor, Finish, Proxy, Safe

Images = Literal["blocked", "proxied", "inline"]

TAGS = set(nh3.ALLOWED_TAGS) - {"math", "map", "area"} | {"font", "big", "section", "main", "legend", "fieldset"}
REMOVED_WITH_CONTENT = {"script", "style", "title", "head", "template", "noscript", "iframe", "object", "svg", "math"}
REMOVED_WITH_CONTENT |= {"select", "textarea", "noembed", "noframes", "xmp", "plaintext"}
LAYOUT = {"style", "class", "dir", "lang", "title", "align", "valign", "bgcolor", "width", "height"}
ATTRIBUTES = {
    "*": LAYOUT,
    "a": {"href"},
    "img": {"src", "alt"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap", "scope"},
    "ol": {"start", "type"},
    "blockquote": {"type"},
}
SIDES = ("top", "right", "bottom", "left")
PROPERTIES = {
    *("color", "background", "background-color", "direction", "display", "line-height", "list-style-type", "table-layout"),
    *("float", "clear", "box-sizing", "word-break", "word-wrap", "overflow-wrap", "list-style", "min-height"),
    *("font", "font-family", "font-size", "font-style", "font-weight", "font-variant"),
    *("letter-spacing", "word-spacing", "white-space", "vertical-align"),
    *("text-align", "text-decoration", "text-indent", "text-transform"),
    *("width", "height", "max-width", "min-width", "max-height"),
    *("margin", "padding", "border", *(f"{kind}-{side}" for kind in ("margin", "padding", "border") for side in SIDES)),
    *("border-color", "border-style", "border-width", "border-radius", "border-collapse", "border-spacing"),
}
# Values that reach outside, run, or cover what is not theirs; escapes could spell any of these.
UNSAFE_VALUE = re.compile(
    r"url\s*\(|src\s*\(|expression|image\s*\(|image-set|element\s*\(|attr\s*\(|var\s*\(|javascript|@|\\|<", re.I
)
CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
SHOWN_DISPLAY = re.compile(r"display\s*:\s*(?!(?:none|block|inline|inline-block|table[a-z-]*|list-item)\b)", re.IGNORECASE)
DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
LINK = re.compile(r"(?:https?:|mailto:|tel:)", re.IGNORECASE)
REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
MOST_TAGS = 40_000
"""More than ten times what the longest newsletter has; the last walk takes about a second for so many."""
MOST_HREF = 20_000
NO_IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def sanitise(
    html: str,
    *,
    images: Images = "blocked",
    cid_urls: Mapping[str, str] | None = None,
    proxy: Proxy = lambda url: f"/images?url={quote(url, safe='')}",
) -> str:
    """Safe HTML for a sandboxed frame; see ``make_safe``."""
    return make_safe(html, images=images, cid_urls=cid_urls, proxy=proxy).html


def make_safe(
    html: str,
    *,
    images: Images = "blocked",
    cid_urls: Mapping[str, str] | None = None,
    proxy: Proxy,
    anchor: Anchor | None = None,
    fold: Callable[[str], str] | None = None,
) -> Safe:
    """Safe HTML for a sandboxed frame, and what was taken out of it.

    ``images`` says what becomes of remote ones: blocked (an empty picture), proxied (``proxy`` makes the address) or
    inline (left as they are); those that only report the opening of the mail are removed in any case. ``cid_urls`` maps
    content ids to addresses of our own; ``fold`` may fold parts of the safe HTML away. HTML too tangled to be parsed in
    reasonable time is shown as its text.
    """
    html = written_out(html)
    if html.count("<") > MOST_TAGS or not simple_enough(html):
        return Safe(f"<pre>{escape(strip_tags(html))}</pre>")
    filters = _Filter(cid_urls or {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=REMOVED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=filters,
        filter_style_properties=PROPERTIES,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative="pass_through",  # the filter lets through none but our own
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    if fold:
        clean = fold(clean)
    source: dict[Images, Proxy] = {"blocked": lambda _url: NO_IMAGE, "proxied": proxy, "inline": lambda url: url}
    return Finish(filters.remote, source[images], anchor).run(clean) if filters.remote or anchor else Safe(clean)


class _Filter:
    """Decides on each attribute that is allowed by name; remote pictures become numbers until they are decided on."""

    def __init__(self, cid_urls: Mapping[str, str]) -> None:
        self._cid_urls = cid_urls
        self.remote: list[str] = []

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return safe_style(value)
        if tag == "img" and name == "src":
            return self._image(value.strip())
        if name == "href":
            return value if LINK.match(value.strip()) and len(value) <= MOST_HREF else None
        return value

    def _image(self, source: str) -> str | None:
        if source.lower().startswith("cid:"):
            return self._cid_urls.get(source[4:].strip("<> "), NO_IMAGE)
        if DATA_IMAGE.fullmatch(source):
            return source
        if not REMOTE.match(source):
            return None
        self.remote.append(source)
        return f"{NUMBERED}{len(self.remote) - 1}"


def safe_style(value: str) -> str | None:
    """The declarations of a style attribute that cannot reach outside or cover others; None when none is left."""
    declarations = CSS_COMMENT.sub("", value).split(";")
    kept = [each.strip() for each in declarations if not UNSAFE_VALUE.search(each) and not SHOWN_DISPLAY.search(each)]
    return "; ".join(filter(None, kept)) or None
