"""``worker.py all`` that kills itself, by SIGKILL, at each of the named steps: right after the step was taken.

    python tests/kill/dying_worker.py FOLDER module:attribute … (module:Class.method)

Each step dies on the calls whose numbers are in CALLS, counted over all processes by files in FOLDER.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpdesk import supervisor, workers

CALLS = (2, 5)


def dying(name: str, step: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """The step, after which its process dies when the number of the call is one of CALLS."""

    @functools.wraps(step)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = step(*arguments, **named)
        if _number(folder, name) in CALLS:
            (folder / f"{name}.died").open("ab").write(b".")
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def _number(folder: Path, name: str) -> int:
    with (folder / f"{name}.calls").open("ab") as file:
        file.write(b".")
        file.flush()
        return file.tell()


def main(folder: Path, steps: list[str]) -> int:
    """Take the steps' places, then run the workers as they are."""
    supervisor.LONGEST_DELAY = 0.3
    for name in steps:
        module, _colon, path = name.partition(":")
        *owners, attribute = path.split(".")
        owner = functools.reduce(getattr, owners, import_module(module))
        setattr(owner, attribute, dying(name, getattr(owner, attribute), folder))
    return workers.main(["all"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
