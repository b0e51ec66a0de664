"""One more try in continuous integration for tests of real browsers, processes and servers, named in the summary.

A rerun is a defect to hunt, not a pass to forget: elsewhere (CI is not "true") such a test fails at once.
"""

from __future__ import annotations

import os

import pytest

FOLDERS = ("tests/ui/", "tests/kill/", "tests/doors/")
SERVERS = {"mail_server", "own_mail_server"}
"""Fixtures whose tests in tests/inboxes/ listen to a real server."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CI") != "true":
        return
    for item in items:
        if item.nodeid.startswith(FOLDERS) or _listens(item):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _listens(item: pytest.Item) -> bool:
    return item.nodeid.startswith("tests/inboxes/") and bool(SERVERS & set(getattr(item, "fixturenames", ())))
