"""Where a message ends and its sender's signature begins."""

from __future__ import annotations

from channels.visible_markers import CLOSING, DASH_NAME, DASHES, RULE, SENT_FROM

LAST_LINES = 15
SHORT = 72


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(what is said, the signature below it); everything is said when nothing would be left otherwise."""
    position = _start(lines)
    if position is None or not any(line.strip() for line in lines[:position]):
        return lines, []
    return lines[:position], lines[position:]


def _start(lines: list[str]) -> int | None:
    """The first line of the signature: a delimiter, a mobile program's advert, or a closing phrase near the end."""
    end = len(lines)
    first = max(0, end - LAST_LINES)
    found = [position for position in range(first, end) if _begins(lines, position)]
    dashes = [position for position, line in enumerate(lines) if line in {"-- ", "--\xa0"}]
    return min([*found, *dashes[:1]], default=None)


def _begins(lines: list[str], position: int) -> bool:
    line, after = lines[position], lines[position + 1 :]
    if DASHES.match(line) or SENT_FROM.match(line):
        return _short(after)
    if RULE.match(line):  # the footer of a mailing list, or a signature drawn by hand
        return _short(after, length=200)
    if CLOSING.match(line):
        return any(each.strip() for each in after) and _short(after) and sum(bool(each.strip()) for each in after) <= 9
    return bool(DASH_NAME.match(line)) and _alone(lines, position)


def _short(lines: list[str], *, length: int = SHORT * 2) -> bool:
    return all(len(line) <= length for line in lines)


def _alone(lines: list[str], position: int) -> bool:
    """A dash before a name signs only at the end and outside a list of points."""
    before = next((line for line in reversed(lines[:position]) if line.strip()), "")
    after = [line for line in lines[position + 1 :] if line.strip()]
    return not before.lstrip().startswith(("-", "*", "–")) and (not after or bool(RULE.match(after[0])))
