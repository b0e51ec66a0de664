"""Where PostgreSQL keeps its data when root runs the tests: a folder that its account can enter, emptied afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpdesk.config import Settings
from helpdesk.embedded.places import Places

SYSTEM_DATA = Path(tempfile.gettempdir()) / "temas-tests"  # keeps one copy of the binaries for all tests


@contextmanager
def scratch_system_data(environ: dict[str, str]) -> Iterator[None]:
    """Point `environ` (with TEMAS_DATA) at that folder, and remove afterwards what the installation left there."""
    environ["TEMAS_SYSTEM_DATA"] = str(SYSTEM_DATA)
    yield
    settings = Settings.load(environ)
    system = Places.of(settings.data, settings.system_data).system
    if system:
        shutil.rmtree(system, ignore_errors=True)
