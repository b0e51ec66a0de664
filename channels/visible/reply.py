"""What is new in a reply: without the history it quotes and the signature below it.

Every line gets a letter: (t)ext, (e)mpty, (m)arked as quoted, (h)eader of a quoted mail, (s)entence before a quotation,
(f)orward, (r)ule, (x) inside a container or below a mark that HTML gave. What to hide is decided on the string of
letters, by these rules:

- Answers between quoted lines, and forwards, show whole: what is forwarded is what the customer wants to say.
- Below an introduction that no quoted lines follow, all is history; of quoted lines, only those are. What a header
  introduces may quote others in turn, and so may what a sentence does when nothing stands below the last quotation.
- Quoted lines without an introduction are history only when no others have one: otherwise somebody chose to quote them.
- Signatures and legal notices go, but for a farewell of a closing phrase and a name.
- A mail that is all history shows whole. In doubt everything stays, and whatever is hidden is handed over as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from channels.html.quotes import Marks
from channels.html.text import html_to_text
from channels.visible.armour import without_armour
from channels.visible.introduction import Search, split_shared
from channels.visible.markers import FORWARD, MAX_LINE, RULE
from channels.visible.signature import is_plain_farewell, split_signature

MAX_CHARS, MAX_LINES = 1_000_000, 20_000
INLINE = re.compile(r"[mx]e*t[te]*[mx]")
THREE = re.compile(r"me*me*m")
BELOW_HEADER = re.compile(r"(?<!h)h[hse]*+(?=t)")
NESTED = re.compile(r"(?<!s)s[se]*+(?=t[te]*s[se]*m[me]*$)")
HISTORY = re.compile(r"(?<!s)s[se]*+(?!m)")
RUNS = re.compile(r"s[se]*|[mx][mxe]*|[^smx]+")
INVISIBLE = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0xFEFF))  # marks of direction and width
LINK_ONLY = re.compile(r"^\s*[(<]?\s*https?://[^\s()<>]+\s*[)>]*\s*>?\s*$|^\s*[)>]+\s*$")


@dataclass(frozen=True, slots=True)
class Visible:
    """The three parts of a body as text; ``hidden`` is the quoted history.

    A plain farewell ("Thanks, Alex") is the ``signature`` and stays in ``visible`` too: it is said to the reader.
    """

    visible: str
    signature: str = ""
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line with what HTML said of it: inside quoted history, inside a signature."""

    text: str
    quoted: bool = False
    signed: bool = False


def visible_text(text: str) -> Visible:
    """The visible reply of a text body."""
    if len(text) > MAX_CHARS:
        return Visible(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        return Visible(text)
    return _divide([Line(line) for line in split_shared(without_armour(lines))])


def visible_html(html: str) -> Visible:
    """The visible reply of an HTML body, as text."""
    text = html_to_text(html, marks=True)
    lines = list(_marked(text.split("\n")))
    if len(lines) > MAX_LINES or len(text) > MAX_CHARS:
        return Visible("\n".join(line.text for line in lines))
    return _divide(lines)


def _marked(lines: Sequence[str]) -> Iterator[Line]:
    """The lines without the marks between them."""
    marks = [line.strip("> ") for line in lines]
    history = _last_bare(marks)
    depth = signed = 0
    cut = False
    for position, (line, mark) in enumerate(zip(lines, marks, strict=True)):
        depth += (mark == Marks.OPEN_QUOTE) - (mark == Marks.CLOSE_QUOTE)
        signed += (mark == Marks.OPEN_SIGNATURE) - (mark == Marks.CLOSE_SIGNATURE)
        cut = cut or mark == Marks.CUT
        if not Marks.is_mark(mark):
            yield Line(line, quoted=cut or depth > 0 or position in history, signed=signed > 0)


def _last_bare(marks: Sequence[str]) -> range:
    """The last outermost quotation without any sign of its program: history when words stand above it."""
    start = end = depth = 0
    for position, mark in enumerate(marks):
        if mark == Marks.OPEN_BARE:
            start = start if depth else position
            depth += 1
        elif mark == Marks.CLOSE_BARE:
            depth -= 1
            end = end if depth else position
    said = any(mark and not Marks.is_mark(mark) for mark in marks[:start])
    return range(start, end) if said else range(0)


def _divide(lines: Sequence[Line]) -> Visible:
    texts = [line.text for line in lines]
    hidden = _hidden(_letters(lines))
    kept = [line for line, hide in zip(lines, hidden, strict=True) if not hide]
    if not any(line.text.strip() for line in kept):
        kept, hidden = list(lines), [False] * len(lines)
    said, signature = split_signature(trimmed([line.text for line in kept if not line.signed]))
    signed = [line.text for line in kept if line.signed]
    if not any(line.strip() for line in said):
        said, signature = split_signature(trimmed([line.text for line in kept]))
        signed = []
    if not signed and is_plain_farewell(signature):
        said = [*said, *signature]
    quoted = [text for text, hide in zip(texts, hidden, strict=True) if hide]
    parts = (said, [*signature, *signed], quoted)
    return Visible(*("\n".join(line.rstrip() for line in trimmed(part)) for part in parts))


def _hidden(letters: str) -> list[bool]:
    """Which lines to hide; none when the mail is a forward or answers between the quoted lines."""
    hide = [False] * len(letters)
    if re.match(r"[te]*f", letters):
        return hide
    if match := BELOW_HEADER.search(letters) or NESTED.search(letters):
        hide[match.start() :] = [True] * (len(hide) - match.start())
        letters = letters[: match.start()]
    letters = letters.replace("h", "s")
    introduced = any(hide) or "s" in letters or "x" in letters
    if INLINE.search(letters) or not (introduced or _plainly_quoted(letters)):
        return hide
    if match := HISTORY.search(letters, letters.rfind("m") + 1):
        hide[match.start() :] = [True] * (len(hide) - match.start())
        letters = letters[: match.start()]
        introduced = True
    opened = None
    for run in RUNS.finditer(letters):
        if run[0][0] == "s":
            opened = run.start()
            continue
        if run[0][0] in "mx" and (opened is not None or "x" in run[0] or not introduced):
            start = run.start() if opened is None else opened
            hide[start : run.end()] = [True] * (run.end() - start)
        opened = None
    if opened is not None:
        hide[opened : len(letters)] = [True] * (len(letters) - opened)
    return hide


def _plainly_quoted(letters: str) -> bool:
    """Without an introduction, three quoted lines are a quotation anywhere, two at the end of a text."""
    said = letters.rstrip("me")
    return bool(THREE.search(letters)) or (said.endswith("t") and letters.count("m", len(said)) == 2)


def _letters(lines: Sequence[Line]) -> str:
    texts = [line.text if line.text.isascii() else line.text.translate(INVISIBLE) for line in lines]
    letters = [_letter(text) for text in texts]
    _mend_links(texts, letters)
    search = Search(texts, letters)
    for position in range(len(lines)):
        if letters[position] in "tr":
            found = search.introduction(position)
            letters[position : position + len(found)] = found
    letters = ["x" if line.quoted and each != "f" else each for line, each in zip(lines, letters, strict=True)]
    return re.sub(r"r(e*)(?=[hsx])", r"s\1", "".join(letters)).replace("r", "t")


def _letter(line: str) -> str:
    stripped = line.strip()
    if not stripped:
        return "e"
    if stripped[0] == ">" and not stripped.startswith((">>> http", "><")):
        return "m"
    if len(line) > MAX_LINE:
        return "t"
    return "r" if RULE.match(line) else "f" if FORWARD.match(line) else "t"


def _mend_links(texts: Sequence[str], letters: list[str]) -> None:
    """A link, or the rest of one, between quoted lines was broken off them by the program that wrapped them."""
    for position in range(1, len(texts)):
        above, line = texts[position - 1], texts[position][:MAX_LINE]
        if letters[position] != "t" or letters[position - 1] != "m":
            continue
        broken = above.count("(") > above.count(")") and line.rstrip().endswith(")") and " " not in line.strip()
        if broken or LINK_ONLY.match(line):
            letters[position] = "m"


def trimmed(lines: Sequence[str]) -> list[str]:
    """Without empty lines at both ends."""
    full = [position for position, line in enumerate(lines) if line.strip()]
    return list(lines[full[0] : full[-1] + 1]) if full else []
