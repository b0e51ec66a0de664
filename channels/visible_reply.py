"""What is new in a reply: without the history it quotes and the signature below it.

Every line gets a letter: (t)ext, (e)mpty, (m)arked as quoted, (s)plitter before a quotation, (f)orward, (x) inside a
container or below a mark that HTML gave. What to hide is decided on the string of letters. In doubt everything stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from channels.html_text import CLOSE_QUOTE, CUT, OPEN_QUOTE, html_to_text
from channels.visible_markers import (
    ATTRIBUTION,
    FORWARD,
    FROM_LINE,
    HAS_ADDRESS,
    HAS_DATE,
    HEADER_LINE,
    NAMED_DATE,
    OPENS,
    ORIGINAL,
    RULE,
    STARTS,
)
from channels.visible_signature import split_signature

MAX_CHARS, MAX_LINES = 1_000_000, 20_000
ATTRIBUTION_LINES = 4
INLINE = re.compile(r"[mx]e*t[te]*[mx]")
SPLIT_TO_END = re.compile(r"s[se]*(?![sem])[^m]*$")
QUOTATION = re.compile(r"(?:s[se]*)?(?:[mx][mxe]*)+|s[se]*$")


@dataclass(frozen=True, slots=True)
class Visible:
    """The three parts of a body as text; ``hidden`` is the quoted history."""

    visible: str
    signature: str = ""
    hidden: str = ""


def visible_text(text: str) -> Visible:
    """The visible reply of a text body."""
    if len(text) > MAX_CHARS:
        return Visible(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        return Visible(text)
    return _divide(lines, _letters(lines))


def visible_html(html: str) -> Visible:
    """The visible reply of an HTML body, as text."""
    lines: list[str] = []
    forced: list[bool] = []
    depth = 0
    cut = False
    for line in html_to_text(html, marks=True).split("\n"):
        mark = line.strip("> ")
        depth += (mark == OPEN_QUOTE) - (mark == CLOSE_QUOTE)
        cut = cut or mark == CUT
        if mark not in {OPEN_QUOTE, CLOSE_QUOTE, CUT}:
            lines.append(line)
            forced.append(cut or depth > 0)
    if len(lines) > MAX_LINES:
        return Visible("\n".join(lines))
    return _divide(lines, _letters(lines, forced))


def _divide(lines: list[str], letters: str) -> Visible:
    hidden = _hidden(letters)
    kept = [line for line, hide in zip(lines, hidden, strict=True) if not hide]
    if not any(line.strip() for line in kept):
        kept, hidden = lines, [False] * len(lines)
    said, signature = split_signature(_trimmed(kept))
    quoted = [line for line, hide in zip(lines, hidden, strict=True) if hide]
    return Visible(*("\n".join(line.rstrip() for line in _trimmed(part)) for part in (said, signature, quoted)))


def _hidden(letters: str) -> list[bool]:
    """Which lines to hide; none when the mail is a forward or answers between the quoted lines."""
    nothing = [False] * len(letters)
    if re.match(r"[te]*f", letters) or INLINE.search(letters):
        return nothing
    if "s" not in letters and "x" not in letters and not _plainly_quoted(letters):
        return nothing
    hide = nothing
    if match := SPLIT_TO_END.search(letters):
        hide = [position >= match.start() for position in range(len(letters))]
        letters = letters[: match.start()]
    for match in QUOTATION.finditer(letters):
        if "m" in match[0] or "x" in match[0] or match.end() == len(letters):
            hide[match.start() : match.end()] = [True] * (match.end() - match.start())
    return hide


def _plainly_quoted(letters: str) -> bool:
    """Without an introduction, three quoted lines are a quotation anywhere, two at the end."""
    return bool(re.search(r"(?:me*){3}", letters) or re.search(r"t[te]*(?:me*){2}$", letters))


def _letters(lines: Sequence[str], forced: Sequence[bool] | None = None) -> str:
    letters = [_letter(line) for line in lines]
    for position, line in enumerate(lines):
        if letters[position] not in "tm":
            continue
        count = _splitter(lines, letters, position, line)
        letters[position : position + count] = ["s"] * count
    if forced is not None:
        letters = ["x" if force and each != "f" else each for each, force in zip(letters, forced, strict=True)]
    return "".join(letters)


def _letter(line: str) -> str:
    stripped = line.strip()
    if not stripped:
        return "e"
    if stripped[0] == ">" and not stripped.startswith((">>> http", "><")):
        return "m"
    return "f" if FORWARD.match(line) else "t"


def _splitter(lines: Sequence[str], letters: Sequence[str], position: int, line: str) -> int:
    """How many lines from here introduce a quotation; 0 for ordinary text."""
    if letters[position] == "m":
        return 0
    if ORIGINAL.match(line):
        return 1 + _header_block(lines, position + 1)
    if RULE.match(line) and (block := _header_block(lines, position + 1)):
        return 1 + block
    return _header_block(lines, position) or _attribution(lines, letters, position)


def _header_block(lines: Sequence[str], position: int) -> int:
    """Lines of a copied header: a From line among at least three, blank lines allowed."""
    count = headers = 0
    named = False
    for offset, line in enumerate(lines[position : position + 12]):
        if HEADER_LINE.match(line):
            headers, count = headers + 1, offset + 1
            named = named or bool(FROM_LINE.match(line))
        elif line.strip() and not (headers and line[:1].isspace()):
            break
    first = next((line for line in lines[position : position + 2] if line.strip()), "")
    return count if headers >= 3 and named and HEADER_LINE.match(first) else 0


def _attribution(lines: Sequence[str], letters: Sequence[str], position: int) -> int:
    """Lines of an "On … wrote:" that mail programs wrap over up to four lines."""
    if not STARTS.match(lines[position]):
        return 0
    for count in range(1, ATTRIBUTION_LINES + 1):
        part = lines[position : position + count]
        if len(part) < count or letters[position + count - 1] not in "t":
            return 0
        joined = " ".join(line.strip() for line in part)
        if len(joined) > 400:
            return 0
        if joined.endswith((":", "：", ":*", ": *")) and _is_attribution(joined.rstrip("* ")):
            return count if count == 1 or _belongs(part) else 0
    return 0


def _belongs(part: Sequence[str]) -> bool:
    """Whether the first of several lines is a piece of the introduction, and not the end of the reply above it."""
    rest = " ".join(line.strip() for line in part[1:])
    complete = HAS_DATE.search(rest) and _is_attribution(rest.rstrip("* "))
    return not complete and bool(HAS_DATE.search(part[0]) or HAS_ADDRESS.search(part[0]) or OPENS.match(part[0]))


def _is_attribution(text: str) -> bool:
    told = ATTRIBUTION.search(text) and (HAS_DATE.search(text) or HAS_ADDRESS.search(text))
    return bool(told or (NAMED_DATE.match(text) and HAS_DATE.search(text)))


def _trimmed(lines: list[str]) -> list[str]:
    """Without empty lines at both ends."""
    full = [position for position, line in enumerate(lines) if line.strip()]
    return lines[full[0] : full[-1] + 1] if full else []
