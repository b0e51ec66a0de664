"""The reader's language: his own choice if he is signed in, else what his browser asks for; and compiled catalogues."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, has_request_context, request
from flask_babel import get_locale, get_translations
from flask_login import current_user

from helpdesk.extensions import babel

LANGUAGES = {"en": "English", "tr": "Türkçe"}
SOURCES = Path(__file__).with_name("translations")
_catalogues: dict[Locale | None, Translations] = {}


def install(app: Flask) -> None:
    """Compile what changed and choose a language for each request. Needs no network."""
    compiled = compile_catalogues(app.extensions["settings"].data / "translations")
    babel.init_app(app, default_translation_directories=str(compiled), locale_selector=select_language)
    app.jinja_env.globals.update(get_locale=get_locale, languages=LANGUAGES)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda sentence: _catalogue().ugettext(sentence),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )


def _catalogue() -> Translations:
    """The catalogue of the language in force; a page asks hundreds of times, and Flask-Babel looks around each time."""
    locale = get_locale()
    if locale not in _catalogues:
        _catalogues[locale] = get_translations()
    return _catalogues[locale]


def select_language() -> str:
    """``lang`` in the query, then the agent's setting, then Accept-Language; English else, and in workers."""
    if not has_request_context():
        return "en"
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    chosen = getattr(current_user, "language", None) if current_user else None
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES, "en") or "en"


def compile_catalogues(target: Path) -> Path:
    """Write a .mo into ``target`` for each .po that is newer; returns ``target``. Safe in several processes at once."""
    for source in SOURCES.glob("*/LC_MESSAGES/messages.po"):
        compiled = (target / source.relative_to(SOURCES)).with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns != source.stat().st_mtime_ns:
            _compile(source, compiled)
    return target


def _compile(source: Path, compiled: Path) -> None:
    compiled.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3])
    with tempfile.NamedTemporaryFile(dir=compiled.parent, delete=False) as file:
        write_mo(file, catalogue)
    stat = source.stat()
    os.utime(file.name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    Path(file.name).replace(compiled)
