"""Every sentence that a person can read is there in Turkish too, and templates hold no bare words."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from helpdesk.config import ROOT

METHODS = [
    ("channels/**.py", "python"),
    ("helpdesk/**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
VARIABLE = re.compile(r"%\((\w+)\)")
EXPRESSION = re.compile(r"\{% block pane %\}\w*\{% endblock %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[A-Za-zÇĞİÖŞÜçğıöşü]{3,}")
NAMES = {"Temas"}
"""Words that are the same in every language."""
SPOKEN = {"alt", "aria-label", "placeholder", "title"}


def sentences() -> Catalog:
    """Every sentence that the code marks as one."""
    found = Catalog()
    for name, line, message, _comments, context in extract_from_dir(ROOT, METHODS, {}, KEYWORDS):  # type: ignore[arg-type]
        if name.startswith(("channels/", "helpdesk/", "templates/")):
            found.add(message, locations=[(name, line)], context=context)
    return found


def turkish() -> Catalog:
    with (ROOT / "helpdesk/translations/tr/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="tr")


def forms(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (str(value),)


def test_every_sentence_is_said_in_turkish() -> None:
    catalogue = turkish()
    silent = [
        message.id
        for message in sentences()
        if message.id
        and ((said := catalogue.get(message.id, message.context)) is None or said.fuzzy or not all(forms(said.string)))
    ]
    assert not silent, f"untranslated: {silent}"


def test_translations_use_the_variables_of_their_sentences() -> None:
    def wrong(message: Message) -> bool:
        known = {name for form in forms(message.id) for name in VARIABLE.findall(form)}
        return any(not set(VARIABLE.findall(form)) <= known for form in forms(message.string))

    assert [message.id for message in turkish() if message.id and wrong(message)] == []


class Reader(HTMLParser):
    """Collects words that a template writes without asking for their translation."""

    def __init__(self) -> None:
        super().__init__()
        self.bare: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "svg", "kbd", "code")
        self.bare += [value for name, value in attrs if name in SPOKEN and value and self.is_bare(value)]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "svg", "kbd", "code")

    def handle_data(self, data: str) -> None:
        if self._silent <= 0 and self.is_bare(data):
            self.bare.append(" ".join(data.split()))

    @staticmethod
    def is_bare(text: str) -> bool:
        return any(word not in NAMES for word in WORD.findall(text))


@pytest.mark.parametrize("path", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_writes_no_bare_words(path: Path) -> None:
    reader = Reader()
    reader.feed(EXPRESSION.sub("", path.read_text()))
    reader.close()
    assert reader.bare == []
