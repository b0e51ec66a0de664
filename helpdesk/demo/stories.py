"""The stories, read from the text files beside this module.

A story is a subject, a line of ``key=value`` and flags, then what was said, one paragraph a line: ``>`` the customer,
``<`` an agent, ``#`` an internal note, ``!`` the customer's comment to the survey. Stories are parted by ``----``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Mark = Literal[">", "<", "#", "!"]
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Turn:
    """What somebody said."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Story:
    """One conversation, as it is told. ``due`` says how its clock stands now: late, soon, ok or none."""

    subject: str
    language: str
    turns: tuple[Turn, ...]
    team: str = "Destek"
    tags: tuple[str, ...] = ()
    priority: str = "normal"
    end: str = "closed"
    due: str = "none"
    score: int | None = None
    comment: str = ""
    flags: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_working(self) -> bool:
        return self.end in ("new", "open", "pending", "on_hold")


def told(name: str, language: str) -> list[Story]:
    """The stories of one file."""
    text = (FOLDER / f"{name}_{language}.txt").read_text(encoding="utf-8")
    return [_story(part.strip().splitlines(), language) for part in text.split("----")]


def _story(lines: list[str], language: str) -> Story:
    words = lines[1].split()
    values = dict(word.split("=", 1) for word in words if "=" in word)
    return Story(
        subject=lines[0],
        language=language,
        turns=tuple(_turns(lines[2:])),
        team=values["team"],
        tags=tuple(values.get("tags", "").split(",")) if values.get("tags") else (),
        priority=values.get("priority", "normal"),
        end=values.get("end", "closed"),
        due=values.get("due", "none"),
        score=int(values["survey"]) if "survey" in values else None,
        comment=values.get("scomment", "").replace("_", " "),
        flags=frozenset(word for word in words if "=" not in word),
    )


def _turns(lines: list[str]) -> Iterator[Turn]:
    for line in lines:
        mark, text = line[0], line[1:].strip()
        if mark not in ("<", ">", "#", "!"):
            raise ValueError(f"A story's line starts with < > # or !, not {line[:20]!r}.")
        yield Turn(mark, text)  # type: ignore[arg-type]
