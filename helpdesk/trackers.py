"""Which pictures of a mail exist only to tell its sender that it was opened."""

from __future__ import annotations

import re
from collections.abc import Mapping

TINY = 2
"""Pixels: what is not larger shows nothing."""

_PIXELS = re.compile(r"\s*(\d{1,5}(?:\.\d*)?|\.\d+)\s*(?:px)?\s*", re.IGNORECASE)
_STYLE_LENGTH = re.compile(r"(?:^|;)\s*(?:max-)?(?:width|height)\s*:([^;!]*)", re.IGNORECASE)
_UNSEEN_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.IGNORECASE)

_OPENS = re.compile(
    r"""^https?://(?:
        [^/]*list-manage\d*\.com/track/open          # Mailchimp
      | [^/]*mandrillapp\.com/track/open
      | [^/]*/wf/open\b                              # SendGrid, also under the sender's own name
      | [^/]*/(?:e/)?o/eJ[\w-]{20,}                  # Mailgun: a zipped payload
      | [^/]*awstrack\.me/I0/                        # Amazon SES
      | [^/]*/(?:q|open)/[\w~-]{40,}                 # SparkPost
      | [^/]*postmarkapp\.com/open | pstmrk\.it/open
      | [^/]*hubspot[^/]*/(?:e2t|e3t|Cto)/ | t\.sidekickopen\d*\.com/
      | [^/]*\.exacttarget\.com/open\.aspx | [^/]*/open\.aspx\?         # Salesforce Marketing Cloud
      | pixel\.[^/]+/ | [^/]*mailtrack\.io/ | [^/]*mailfoogae\.appspot\.com/ | [^/]*(?:yesware|bananatag|mixmax)\.com/
      | (?:www|ssl)\.google-analytics\.com/ | [^/]*\.doubleclick\.net/ | www\.facebook\.com/tr\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_tracker(url: str, attributes: Mapping[str, str], *, unseen: bool = False) -> bool:
    """Whether this remote picture shows nothing (``unseen``: what it stands in is hidden) or is a known open counter."""
    style = attributes.get("style", "")
    return unseen or is_unseen(style) or _is_tiny(attributes, style) or _OPENS.match(url) is not None


def is_unseen(style: str) -> bool:
    """Whether an element with this style attribute is not drawn."""
    return _UNSEEN_STYLE.search(style) is not None


def _is_tiny(attributes: Mapping[str, str], style: str) -> bool:
    """No width or no height, or nothing of either above TINY: a line of 600 × 1 is a rule, not a pixel."""
    lengths = [attributes[name] for name in ("width", "height") if name in attributes]
    sizes = [_pixels(length) for length in (*lengths, *_STYLE_LENGTH.findall(style))]
    return bool(sizes) and (min(sizes) == 0 or max(sizes) <= TINY)


def _pixels(length: str) -> float:
    found = _PIXELS.fullmatch(length)
    return float(found[1]) if found else float("inf")
