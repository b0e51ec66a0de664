"""HTML that is equal for all readers, kept in this process for as long as what it was made of does not change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from markupsafe import Markup


class Kept:
    """The most recently used ``most`` fragments. A key must change with everything that its fragment shows.

    The reader's language is added to every key.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._fragments: OrderedDict[Hashable, Markup] = OrderedDict()

    def ordered(
        self, keys: Mapping[int, Hashable], load: Callable[[Sequence[int]], Sequence[Any]], render: Callable[[Any], str]
    ) -> list[Markup]:
        """The fragments of these ids, in their order: ``load`` and ``render`` are asked for the missing ones alone.

        What ``load`` no longer finds is left out.
        """
        language = str(get_locale())
        missing = [number for number, key in keys.items() if (language, key) not in self._fragments]
        fresh = {thing.id: Markup(render(thing)) for thing in load(missing)} if missing else {}  # noqa: S704
        shown = {number: fresh.get(number) or self._fragments.get((language, key)) for number, key in keys.items()}
        for number, fragment in shown.items():
            if fragment is not None:
                self._keep((language, keys[number]), fragment)
        return [fragment for fragment in shown.values() if fragment is not None]

    def _keep(self, key: Hashable, fragment: Markup) -> None:
        self._fragments[key] = fragment
        self._fragments.move_to_end(key)
        if len(self._fragments) > self._most:
            self._fragments.popitem(last=False)
