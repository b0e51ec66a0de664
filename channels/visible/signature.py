"""Where a message ends and its sender's signature, or his company's legal notice, begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.visible.closings import CLOSING, CONTACT, DASH_NAME, DASHES, GREEN, LEGAL, LEGAL_TITLE, LINK, SENT_FROM
from channels.visible.markers import MAX_LINE, RULE

LAST_LINES = 16
LEGAL_LINES = 40
SHORT = 144
BLOCK_LINES = 8
NAME = re.compile(r"^\W{0,6}[^\W\d_](?:[^\d\s,<>@]*[\s,]+){0,5}[^\d\s,<>@]*$")
SENTENCE_END = re.compile(r"[?:…]\s*$|[^\W\d_]{4,}\.\s*$")
BULLET = ("-", "*", "–", "•")


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(what is said, the signature below it); everything is said when nothing would be left otherwise."""
    legal = _legal(lines)
    position = _start(lines[:legal])
    position = legal if position is None else position
    return (lines[:position], lines[position:]) if any(line.strip() for line in lines[:position]) else (lines, [])


def is_plain_farewell(signature: Sequence[str]) -> bool:
    """Whether it is two lines at most, a closing phrase and a name: words to the reader rather than a card of the sender."""
    filled = [line.strip() for line in signature if line.strip()]
    if not filled or len(filled) > 2 or not CLOSING.match(filled[0]):
        return False
    return all(NAME.match(line) and len(line.split()) <= 4 and not CONTACT.search(line) for line in filled[1:])


def _legal(lines: Sequence[str]) -> int:
    """Where the legal notice at the end begins: a heading or the first words of one, and nothing said above it is cut."""
    for position in range(max(1, len(lines) - LEGAL_LINES), len(lines)):
        line = lines[position].strip()
        if not line or len(line) < 4:
            continue
        paragraph = " ".join(each.strip() for each in lines[position : position + 3])[:MAX_LINE]
        titled = len(paragraph) > len(line) and LEGAL_TITLE.match(line[:MAX_LINE])
        if titled or GREEN.match(line[:MAX_LINE]) or (len(paragraph) >= 60 and LEGAL.match(paragraph)):
            return position
    return len(lines)


def _start(lines: Sequence[str]) -> int | None:
    """The first line of the signature: a delimiter, a closing phrase, a mobile program's advert, a block of contacts."""
    filled = [position for position, line in enumerate(lines) if line.strip()]
    if len(filled) < 2:
        return None
    dashes = [position for position in filled[1:] if lines[position] in {"-- ", "--\xa0"}]
    found = [position for position in filled[1:][-LAST_LINES:] if _begins(lines, position)]
    position = min([*found, *dashes[:1]], default=None)
    return _contacts(lines, filled) if position is None else _with_name(lines, position)


def _begins(lines: Sequence[str], position: int) -> bool:
    line, after = lines[position], [each for each in lines[position + 1 :] if each.strip()]
    if len(line) > MAX_LINE:
        return False
    if DASHES.match(line) or _advert(line):
        return _short(after)
    if RULE.match(line):  # the footer of a mailing list, or a signature drawn by hand
        return bool(after) and _short(after, length=200) and (_named(after) or _has_contact(after))
    if CLOSING.match(line):
        return bool(after) and len(after) <= 12 and _short(after) and _named(after)
    return bool(DASH_NAME.match(line)) and _alone(lines, position)


def _advert(line: str) -> bool:
    return bool(SENT_FROM.match(LINK.sub("", line[:MAX_LINE])))


def _short(lines: Sequence[str], *, length: int = SHORT) -> bool:
    return all(len(line) <= length for line in lines)


def _has_contact(lines: Sequence[str]) -> bool:
    return any(CONTACT.search(line[:MAX_LINE]) for line in lines)


def _named(after: Sequence[str]) -> bool:
    """Whether what follows reads as a name and what belongs to it, and not as more of the message."""
    first = next((line for line in after if not (DASHES.match(line) or RULE.match(line) or CLOSING.match(line))), "")
    if not first:
        return True
    talks = [line for line in after if SENTENCE_END.search(line) and not CONTACT.search(line) and len(line.split()) > 4]
    lone_sentence = SENTENCE_END.search(first) and len(first.split()) > 2
    fits = NAME.match(first) or CONTACT.search(first) or _advert(first) or DASH_NAME.match(first)
    return len(first) <= 80 and not lone_sentence and bool(fits) and len(talks) * 3 <= len(after)


def _alone(lines: Sequence[str], position: int) -> bool:
    """A dash before a name signs only at the end and outside a list of points."""
    before = next((line for line in reversed(lines[:position]) if line.strip()), "")
    after = [line for line in lines[position + 1 :] if line.strip()]
    return not before.lstrip().startswith(BULLET) and all(
        RULE.match(line) or _advert(line) or CONTACT.search(line) for line in after[:1]
    )


def _with_name(lines: Sequence[str], position: int) -> int:
    """A name right above a mobile program's advert, in a paragraph of its own, belongs to it."""
    if position < 2 or not _advert(lines[position]) or lines[position - 2].strip():
        return position
    above = lines[position - 1]
    return position - 1 if _proper(above) and any(line.strip() for line in lines[: position - 1]) else position


def _proper(line: str) -> bool:
    """Two to four words, each with a capital: a person's name."""
    words = line.split()
    capital = all(word[:1].isupper() for word in words)
    return 2 <= len(words) <= 4 and len(line) <= 60 and capital and line.strip()[-1].isalnum()


def _contacts(lines: Sequence[str], filled: Sequence[int]) -> int | None:
    """The last paragraph when it is a name above ways to reach its owner, and is not what the one above announces."""
    start = filled[-1]
    while start > 0 and lines[start - 1].strip():
        start -= 1
    block = [line.strip("* ") for line in lines[start:] if line.strip()]
    above = next((line.strip() for line in reversed(lines[:start]) if line.strip()), "")
    if not above or above.endswith(":") or not 2 <= len(block) <= BLOCK_LINES or not _short(block, length=80):
        return None
    reachable = sum(bool(CONTACT.search(line)) for line in block)
    named = bool(NAME.match(block[0])) and not CONTACT.search(block[0]) and block[0][:1].isupper()
    talks = any(SENTENCE_END.search(line) and len(line.split()) > 2 and not CONTACT.search(line) for line in block)
    return start if reachable and named and not talks else None
