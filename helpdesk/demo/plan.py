"""When what happens: the stories laid over the last weeks, so that the queue's clocks stand as the stories want."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from helpdesk.demo import people
from helpdesk.demo.people import Person
from helpdesk.demo.stories import Story, Turn, told

FINISHED = 160
WEEKS = 4
ANSWER_MINUTES = {"urgent": 15, "high": 60, "normal": 240}  # the targets that the first migration sets
LEFT = {"late": (-48, -4), "soon": (3, 24), "ok": (35, 230)}  # minutes, by how the clock is to stand
COMMENTS = {
    "tr": (
        "Çok hızlı yanıt aldım.",
        "Güler yüzlü ve çözüm odaklı.",
        "",
        "",
        "Biraz bekledim ama çözüldü.",
        "Teşekkürler Lodos!",
    ),
    "en": ("Quick and kind.", "", "", "Solved in one mail, I am impressed.", "Took a while, but fine in the end."),
}
SCORES = (5, 5, 5, 5, 4, 4, 4, 3, 2, 1)


@dataclass
class Case:
    """One story being told about one customer; ``number`` and ``answers`` are known once it has begun."""

    story: Story
    person: Person
    values: dict[str, str]
    is_rated: bool = False
    number: int = 0
    answers: list[str] = field(default_factory=list)

    def say(self, text: str) -> str:
        """The text with this customer's product, order and so on."""
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", value)
        return text


@dataclass(frozen=True, order=True)
class Event:
    """One thing that happens at its time."""

    at: datetime
    order: int
    act: str = field(compare=False)
    case: Case = field(compare=False)
    text: str = field(default="", compare=False)


def events(now: datetime, rng: random.Random) -> list[Event]:
    """Everything that has happened up to ``now``, in its order."""
    numbers = count()
    return sorted(
        Event(at, next(numbers), act, case, text)
        for case, times in _cases(now, rng)
        for at, act, text in _acts(case, times, rng)
        if at < now
    )


def _cases(now: datetime, rng: random.Random) -> Iterator[tuple[Case, list[datetime]]]:
    others = people.strangers(rng)
    for language in ("tr", "en"):
        for story in told("stories", language):
            yield (
                _case(story, others, rng),
                _working_times(story, now, rng) if story.is_working else _past_times(story, now, rng, 2),
            )
    endings = {language: told("closed", language) for language in ("tr", "en")}
    for number in range(FINISHED):
        language = "tr" if number % 5 < 3 else "en"
        story = endings[language][number % len(endings[language])]
        yield _case(story, others, rng), _past_times(story, now, rng, WEEKS * 7)


def _case(story: Story, others: dict[str, Iterator[str]], rng: random.Random) -> Case:
    person = people.writer(story.subject, story.language, others)
    values = {
        "product": rng.choice(people.PRODUCTS[story.language]),
        "order": f"LE-{rng.randint(200_000, 219_999)}",
        "city": rng.choice(people.CITIES[story.language]),
        "code": f"DGS-{rng.randint(3000, 4999)}",
        "first": person.name.split()[0],
    }
    return Case(story, person, values)


def _working_times(story: Story, now: datetime, rng: random.Random) -> list[datetime]:
    """Times of the turns, so that the clock of the first unanswered one stands as the story says."""
    waiting = _first_unanswered(story.turns)
    if waiting is None:
        last = now - timedelta(minutes=rng.randint(60, 1200))
        return _backwards(story, last, len(story.turns), rng)
    least, most = LEFT.get(story.due, LEFT["ok"])
    target = ANSWER_MINUTES[story.priority]
    since = now - timedelta(minutes=target - min(rng.randint(least, most), target - 2), seconds=rng.randint(0, 59))
    rest = len(story.turns) - waiting
    after = [since + (now - since) * step / (rest + 1) for step in range(rest)]
    return _backwards(story, since - timedelta(minutes=rng.randint(20, 70)), waiting, rng) + after


def _first_unanswered(turns: tuple[Turn, ...]) -> int | None:
    last_answer = max((place for place, turn in enumerate(turns) if turn.mark == "<"), default=-1)
    return next((place for place, turn in enumerate(turns) if turn.mark == ">" and place > last_answer), None)


def _backwards(story: Story, last: datetime, turns: int, rng: random.Random) -> list[datetime]:
    """So many turns that end at ``last``; a case that was closed between lies days back."""
    times: list[datetime] = []
    at = last - timedelta(days=2) if "reopened" in story.flags else last
    for _turn in range(turns):
        times.insert(0, at)
        at -= timedelta(minutes=rng.randint(12, 55))
    return times


def _past_times(story: Story, now: datetime, rng: random.Random, days: int) -> list[datetime]:
    day = (now - timedelta(days=rng.randint(1, days))).replace(hour=0, minute=0, second=0)
    at = day + timedelta(minutes=rng.randint(6 * 60, 14 * 60), seconds=rng.randint(0, 59))
    times = []
    for _turn in story.turns:
        times.append(at)
        at += timedelta(minutes=rng.choice((7, 12, 19, 26, 41, 55, 90, 180)))
    return times


def _acts(case: Case, times: list[datetime], rng: random.Random) -> Iterator[tuple[datetime, str, str]]:
    story = case.story
    case.is_rated = story.score is not None or (not story.is_working and rng.random() < 0.45)
    names = {">": "in", "<": "out", "#": "note", "!": "answer"}
    for place, (turn, at) in enumerate(zip(story.turns, times, strict=True)):
        if turn.mark == "!":
            yield times[place - 1] + timedelta(minutes=1), "closed", ""
        yield at, names[turn.mark], case.say(turn.text)
        if place == 0:
            yield at + timedelta(seconds=40), "label", ""
    after = times[-1] + timedelta(minutes=1)
    if "failed" in story.flags:
        yield times[-2] + timedelta(minutes=2), "fail", ""
    if story.end != "new":
        yield after, story.end, ""
    if "draft" in story.flags:
        yield after, "draft", ""
    if case.is_rated and not story.is_working:
        comment = story.comment or rng.choice(COMMENTS[story.language])
        yield after + timedelta(minutes=rng.randint(30, 600)), "answer", comment
