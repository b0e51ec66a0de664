"""``bin/bench [NAME …] [--json FILE]``: runs the named benchmarks, all without a name, and prints a table."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from bench.results import Result, machine, table

NAMES = {
    "parse": "bench.parse:run",
    "worst": "bench.worst:run",
    "fuzz": "bench.fuzz:run",
    "intake": "bench.intake:run",
    "arrival": "bench.arrival:run",
    "queue": "bench.pages:queue",
    "ticket": "bench.pages:ticket",
    "fanout": "bench.fanout:run",
    "footprint": "bench.footprint:run",
}


def main() -> int:
    """Run; returns 1 when a benchmark could not be run or gave wrong results. The others are run all the same."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure Temas on this machine.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one JSON object a line")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"there is no benchmark {unknown[0]!r}; choose from {', '.join(NAMES)}")
    print(machine(), flush=True)
    results: list[Result] = []
    failures = [name for name in options.names or NAMES if not _run(name, results)]
    print(table(results))
    if options.json:
        options.json.write_text("".join(f"{result.json()}\n" for result in results))
    return 1 if failures else 0


def _run(name: str, results: list[Result]) -> bool:
    """Add the figures of one benchmark, those that it gave before it failed included."""
    module, function = NAMES[name].split(":")
    benchmark: Callable[[], Iterator[Result]] = getattr(import_module(module), function)
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        for result in benchmark():
            results.append(result)
            print(f"  {result.name} {result.value:,.1f} {result.unit} {result.params}", file=sys.stderr, flush=True)
    except Exception:  # the other benchmarks are run all the same, and the exit code tells
        traceback.print_exc()
        print(f"{name} failed.", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
