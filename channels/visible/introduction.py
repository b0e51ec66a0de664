"""Where history begins: how many lines of a mail introduce what it quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.visible.markers import (
    BARE_TELLING,
    BEGINS_DATED,
    DASHED,
    DATE_LINE,
    DATE_NAME,
    ENDS_BARE,
    ENDS_TELLING,
    FROM_LINE,
    FULL_DATE,
    HAS_ADDRESS,
    HAS_DATE,
    HEADER_LINE,
    MAX_LINE,
    NAMED_DATE,
    ONE_LINE_HEADER,
    OPENS,
    OPENS_DAY,
    ORIGINAL,
    PERSON_LINE,
    RULE,
    SHARED,
    SPOKEN,
    STARTS,
    WHOLE_DATE,
)

MAX_INTRODUCTION = 400
MAX_TRIES = 2_000
SHARED_CHARS = 400
WRAPPED_LINES = 7
HEADER_LINES = 14
PERSON = re.compile(r"^\s*(?:[^\W\d_a-z][\w.'’-]*\s+){1,5}[^\W\d_a-z][\w.'’-]*\s*$")


class Search:
    """Looks for introductions among the lines of one mail, within a budget: what it does not reach stays as it is."""

    def __init__(self, lines: Sequence[str], letters: Sequence[str]) -> None:
        self._lines, self._letters = lines, letters
        self._heads = [_is_head(line) for line in lines]
        self._ends = [_ends(line.strip()) for line in lines]
        self._budget = MAX_TRIES

    def introduction(self, position: int) -> str:
        """A letter for each line from ``position`` that introduces a quotation: (h)eader of a mail or its title,
        (s)entence that tells who wrote; none for ordinary text."""
        line = self._lines[position]
        if len(line) > MAX_LINE:
            return ""
        if ORIGINAL.match(line):
            return "h" * (1 + self._header_block(position + 1, titled=True))
        if RULE.match(line) and (block := self._header_block(position + 1)):
            return "h" * (1 + block)
        if DASHED.match(line.rstrip()) or (self._heads[position] and ONE_LINE_HEADER.match(line)):
            return "h"
        return "h" * self._header_block(position) or "s" * self._attribution(position)

    def _header_block(self, position: int, titled: bool = False) -> int:
        """Lines of a copied header, blank lines allowed: From among three, or a dated line beside one with an address;
        any below a title that announces them."""
        found: list[str] = []
        count = 0
        part = self._lines[position : position + HEADER_LINES]
        for offset, line in enumerate(part):
            if self._heads[position + offset]:
                found.append(line)
                count = offset + 1
            elif line.strip() and not (found and (line[:1].isspace() or self._goes_on(position + offset))):
                break
        first = next((line for line in part[:2] if line.strip()), "")
        return count if found and first == found[0] and (titled or _tells_all(found)) else 0

    def _goes_on(self, position: int) -> bool:
        """Whether a wrapped field's second line stands between two fields."""
        return self._heads[position - 1] and position + 1 < len(self._heads) and self._heads[position + 1]

    def _attribution(self, position: int) -> int:
        """Lines of an "On … wrote:", which mail programs wrap, some with blank lines or a lone bracket between."""
        if self._budget <= 0 or not any(self._ends[position : position + WRAPPED_LINES]):
            return 0
        if not STARTS.match(self._lines[position]):
            return 0
        filled = 0
        for count in range(1, WRAPPED_LINES + 1):
            part = self._lines[position : position + count]
            if len(part) < count or self._letters[position + count - 1] in "hs" or not self._may_follow(part):
                return 0
            filled += bool(part[-1].strip())
            joined = " ".join(line.strip() for line in part if line.strip())
            if len(joined) > MAX_INTRODUCTION or filled > 4 + bool(OPENS.match(part[0])):
                return 0
            if self._closes(position + count - 1) and self._tells(joined, position + count):
                return count if count == 1 or _belongs(self._lines, position, part) else 0
        return 0

    @staticmethod
    def _may_follow(part: Sequence[str]) -> bool:
        """A blank line stands only in an introduction that has begun like one."""
        return bool(part[-1].strip()) or bool(OPENS.match(part[0]) and HAS_DATE.search(part[0]))

    def _closes(self, position: int) -> bool:
        """The last line is text, or the closing bracket of an address that looks like a quote mark (``> wrote:``)."""
        if not self._ends[position]:
            return False
        return self._letters[position] != "m" or bool(re.match(r">\s?\S{2,20}:$", self._lines[position].strip()))

    def _tells(self, text: str, after: int) -> bool:
        self._budget -= 1
        if self._budget < 0:
            return False
        following = next((letter for letter in self._letters[after : after + 4] if letter != "e"), "")
        return tells(text, followed=following == "m")


def _is_head(line: str) -> bool:
    start = line[:80]
    return (":" in start or "：" in start) and bool(HEADER_LINE.match(start))


def _tells_all(found: Sequence[str]) -> bool:
    if len(found) >= 3:
        return any(FROM_LINE.match(line) for line in found)
    dated = any(DATE_LINE.match(line) and FULL_DATE.search(line) for line in found)
    return len(found) == 2 and dated and any(PERSON_LINE.match(line) for line in found)


def _ends(line: str) -> bool:
    """Whether a line may end an introduction."""
    if len(line) > MAX_LINE:
        return False
    return line.rstrip("* _").endswith((":", "：", ">")) or ("@" in line and bool(ENDS_BARE.search(line[-300:])))


def tells(text: str, followed: bool = False) -> bool:
    """Whether one line says who wrote when; ``followed`` by a quotation, less needs to be said."""
    text = text.strip("*_ ")
    if ENDS_TELLING.search(text):
        dated = HAS_DATE.search(text) and (followed or OPENS.match(text) or BEGINS_DATED.match(text))
        bare = followed and BARE_TELLING.match(text)
        return bool(dated or HAS_ADDRESS.search(text) or WHOLE_DATE.search(text) or bare)
    if HAS_DATE.search(text) and (NAMED_DATE.match(text) or (OPENS.match(text) and ENDS_BARE.search(text))):
        return True
    return followed and bool(DATE_NAME.match(text) or SPOKEN.match(text))


def _belongs(lines: Sequence[str], position: int, part: Sequence[str]) -> bool:
    """Whether the first of several lines is a piece of the introduction, and not the end of the reply above it."""
    first, rest = part[0], " ".join(line.strip() for line in part[1:])
    if PERSON.match(first) and rest.startswith("<"):
        return position == 0 or lines[position - 1].strip()[-1:] in {"", ".", "?", "!"}
    complete = FULL_DATE.search(rest) and tells(rest)
    dated = HAS_DATE.search(first) or OPENS_DAY.match(first)
    return not complete and bool(dated or HAS_ADDRESS.search(first))


def split_shared(lines: Sequence[str]) -> list[str]:
    """The lines, with an introduction on a line of its own where it follows words in theirs and a quotation follows."""
    divided: list[str] = []
    for position, line in enumerate(lines):
        start = _shared(line) if _quotation_follows(lines, position) and _ends(line.rstrip()) else 0
        divided += [line[:start].rstrip(" -"), line[start:]] if start and "@" not in line[:start] else [line]
    return divided


def _quotation_follows(lines: Sequence[str], position: int) -> bool:
    after = next((each for each in lines[position + 1 : position + 4] if each.strip()), "")
    return after.lstrip().startswith(">")


def _shared(line: str) -> int:
    """Where the introduction begins in a line that holds words before it; 0 when it holds none."""
    first = max(0, len(line) - SHARED_CHARS)
    starts = [first + match.start() for match in SHARED.finditer(line[first:])][-3:]
    said = [start for start in reversed(starts) if line[:start].strip("> *_-\t\"'")]
    return next((start for start in said if tells(line[start:].rstrip())), 0)
