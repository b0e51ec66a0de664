"""What a benchmark gives: figures with a name, a value, a unit and what they were measured with."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Result:
    """One figure. ``params`` says what it was measured with; ``aim`` what we want, in words."""

    name: str
    value: float
    unit: str
    params: dict[str, Any] = field(default_factory=dict)
    aim: str = ""

    def json(self) -> str:
        """The figure as one line of ``--json``."""
        kept = {key: value for key, value in asdict(self).items() if key != "aim"}
        return json.dumps(kept | {"value": round(self.value, 3)})


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least ``percent`` per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * percent // 100) - 1))]


def machine() -> str:
    """The machine in one line: processor, cores, memory, system, Python, and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, load {load:.1f}"
    )


def table(results: Sequence[Result]) -> str:
    """The figures as a plain table, one line each."""
    rows = [("benchmark", "value", "unit", "aim", "measured with")]
    for result in results:
        params = " ".join(f"{key}={value}" for key, value in result.params.items())
        rows.append((result.name, f"{result.value:,.1f}", result.unit, result.aim, params))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            (row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].ljust(widths[2]), row[3].ljust(widths[3]), row[4])
        ).rstrip()
        for row in rows
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
