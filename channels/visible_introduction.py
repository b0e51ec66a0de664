"""Where history begins: how many lines of a mail introduce what it quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.visible_markers import (
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
    ORIGINAL,
    PERSON_LINE,
    RULE,
    SHARED,
    STARTS,
    WHOLE_DATE,
)

MAX_INTRODUCTION = 400
WRAPPED_LINES = 7
HEADER_LINES = 14
PERSON = re.compile(r"^\s*(?:[^\W\d_a-z][\w.'’-]*\s+){1,5}[^\W\d_a-z][\w.'’-]*\s*$")


def introduction(lines: Sequence[str], letters: Sequence[str], position: int) -> int:
    """How many lines from ``position`` introduce a quotation; 0 for ordinary text."""
    line = lines[position]
    if len(line) > MAX_LINE:
        return 0
    if ORIGINAL.match(line):
        return 1 + header_block(lines, position + 1)
    if RULE.match(line) and (block := header_block(lines, position + 1)):
        return 1 + block
    if DASHED.match(line.rstrip()) or ONE_LINE_HEADER.match(line):
        return 1
    return header_block(lines, position) or _attribution(lines, letters, position)


def header_block(lines: Sequence[str], position: int) -> int:
    """Lines of a copied header, blank lines allowed: From among three, or a dated line beside one with an address."""
    found: list[str] = []
    count = 0
    part = lines[position : position + HEADER_LINES]
    for offset, line in enumerate(part):
        if len(line) <= MAX_LINE and HEADER_LINE.match(line):
            found.append(line)
            count = offset + 1
        elif line.strip() and not (found and (line[:1].isspace() or _goes_on(part, offset))):
            break
    first = next((line for line in part[:2] if line.strip()), "")
    return count if found and first == found[0] and _tells(found) else 0


def _goes_on(part: Sequence[str], offset: int) -> bool:
    """Whether a wrapped field's second line stands between two fields."""
    return offset + 1 < len(part) and bool(HEADER_LINE.match(part[offset - 1]) and HEADER_LINE.match(part[offset + 1][:MAX_LINE]))


def _tells(found: Sequence[str]) -> bool:
    if len(found) >= 3:
        return any(FROM_LINE.match(line) for line in found)
    dated = any(DATE_LINE.match(line) and FULL_DATE.search(line) for line in found)
    return len(found) == 2 and dated and any(PERSON_LINE.match(line) for line in found)


def _attribution(lines: Sequence[str], letters: Sequence[str], position: int) -> int:
    """Lines of an "On … wrote:", which mail programs wrap, some with blank lines or a lone bracket between."""
    if not STARTS.match(lines[position]):
        return 0
    filled = 0
    for count in range(1, WRAPPED_LINES + 1):
        part = lines[position : position + count]
        if len(part) < count or letters[position + count - 1] == "s":
            return 0
        last = part[-1].strip()
        if not last and not (OPENS.match(part[0]) and HAS_DATE.search(part[0])):
            return 0
        filled += bool(last)
        joined = " ".join(line.strip() for line in part if line.strip())
        if len(joined) > MAX_INTRODUCTION or filled > 4 + bool(OPENS.match(part[0])):
            return 0
        if _ends(last) and _quoted_end(letters, position + count - 1, last) and tells(joined, quoted(letters, position + count)):
            return count if count == 1 or _belongs(lines, position, part) else 0
    return 0


def _ends(line: str) -> bool:
    return line.rstrip("* _").endswith((":", "：", ">")) or bool(ENDS_BARE.search(line))


def _quoted_end(letters: Sequence[str], position: int, line: str) -> bool:
    """The last line is text, or the closing bracket of an address that looks like a quote mark (``> wrote:``)."""
    return letters[position] != "m" or bool(re.match(r">\s?\S{2,20}:$", line))


def tells(text: str, followed: bool = False) -> bool:
    """Whether one line says who wrote when; ``followed`` by a quotation, less needs to be said."""
    text = text.strip("*_ ")
    if ENDS_TELLING.search(text):
        dated = HAS_DATE.search(text) and (followed or OPENS.match(text) or BEGINS_DATED.match(text))
        return bool(dated or HAS_ADDRESS.search(text) or WHOLE_DATE.search(text)) or (followed and bool(BARE_TELLING.match(text)))
    if HAS_DATE.search(text) and (NAMED_DATE.match(text) or (OPENS.match(text) and ENDS_BARE.search(text))):
        return True
    return followed and bool(DATE_NAME.match(text))


def quoted(letters: Sequence[str], position: int) -> bool:
    """Whether the next line that is not empty is marked as quoted."""
    return next((letter for letter in letters[position : position + 4] if letter != "e"), "") == "m"


def _belongs(lines: Sequence[str], position: int, part: Sequence[str]) -> bool:
    """Whether the first of several lines is a piece of the introduction, and not the end of the reply above it."""
    first, rest = part[0], " ".join(line.strip() for line in part[1:])
    if PERSON.match(first) and rest.startswith("<"):
        return position > 1 and lines[position - 1].strip()[-1:] in {"", ".", "?", "!"}
    complete = FULL_DATE.search(rest) and tells(rest)
    return not complete and bool(HAS_DATE.search(first) or HAS_ADDRESS.search(first))


def split_shared(lines: Sequence[str]) -> list[str]:
    """The lines, with an introduction on a line of its own where it follows words in theirs and a quotation follows."""
    divided: list[str] = []
    for position, line in enumerate(lines):
        start = _shared(line) if _ends(line.rstrip()) and len(line) <= MAX_LINE else 0
        after = next((each for each in lines[position + 1 : position + 4] if each.strip()), "")
        if start and after.lstrip().startswith(">") and "@" not in line[:start]:
            divided += [line[:start].rstrip(" -"), line[start:]]
        else:
            divided.append(line)
    return divided


def _shared(line: str) -> int:
    """Where the introduction begins in a line that holds words before it; 0 when it holds none."""
    starts = [match.start() for match in SHARED.finditer(line)]
    return next((start for start in reversed(starts) if line[:start].strip("> *_-\t\"'") and tells(line[start:].rstrip())), 0)
