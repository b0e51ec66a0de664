"""What a whole installation takes: from a fresh clone to ready, and memory at rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.house import folder
from bench.processes import ROOT
from bench.results import Result
from tests.rigs.ports import free_ports

REST_SECONDS = 30
READY_SECONDS = 180


def run() -> Iterator[Result]:
    """Clone the repository, start it with ``bin/run`` on the packages of this one, and let it rest."""
    with folder() as place:
        clone = place / "temas"
        started = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        (clone / ".venv").symlink_to(Path(sys.prefix).resolve())
        [port] = free_ports(1)
        environ = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "PYTHONPATH")
        }
        environ["TEMAS_SYSTEM_DATA"] = str(place / "system")
        command = ["bin/run", "--port", str(port), "--data", str(place / "data")]
        with subprocess.Popen(command, cwd=clone, env=environ, stdout=subprocess.PIPE, text=True) as process:
            try:
                _wait_until_ready(process)
                yield Result("clone to ready", time.monotonic() - started, "s", {}, "≤ 60")
                _rest(port)
                pids = family(process.pid)
                params = {"processes": len(pids), "rested_s": REST_SECONDS}
                yield Result("memory at rest, PSS", sum(map(pss, pids)) / 1024, "MiB", params, "≤ 250")
            finally:
                process.terminate()
                process.wait(60)


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def pss(pid: int) -> int:
    """KiB of memory that the process uses, shared pages divided among those who share them."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        if line.startswith("Temas is ready"):
            return
    raise RuntimeError(f"bin/run ended with {process.wait(READY_SECONDS)}.")


def _rest(port: int) -> None:
    """Leave it alone; one look at /healthz says that it is well."""
    end = time.monotonic() + REST_SECONDS
    while (left := end - time.monotonic()) > 0:
        time.sleep(left)  # rest is what is measured
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        if answer.status != 200:
            raise RuntimeError("The installation is not well.")
