"""One change of a ticket → the screens of 1,000 agents: commit, hint, worker, Redis, web process, websocket."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from bench import bulk
from bench.house import EMAIL, house
from bench.processes import ROOT, cookies, signed_in, web, workers
from bench.results import Result, percentile

CLIENTS, PROCESSES, CHANGES = 1000, 2, 20
PATIENCE = 20.0  # seconds after which a client counts as missing


def run() -> Iterator[Result]:
    """Change one ticket again and again, each time once everybody has the last change."""
    with house() as place, web(place) as address, workers(place, "work"), ExitStack() as stack:
        bulk.tickets(place.inbox_id, 1_000)
        number = 100_001
        crowds = [_crowd(stack, address, number) for _process in range(PROCESSES)]
        for crowd in crowds:
            if crowd.get(timeout=120) != "ready":
                raise RuntimeError("The clients could not connect.")
        latencies = [late for change in range(CHANGES) for late in _change(number, change, crowds)]
    missing = CLIENTS * CHANGES - len(latencies)
    params = {"clients": CLIENTS, "changes": CHANGES}
    yield Result("fanout p50", percentile(latencies, 50), "ms", params)
    yield Result("fanout p99", percentile(latencies, 99), "ms", params, "≤ 1000")
    yield Result("fanout missing", missing, "of all", params, "0")


def _crowd(stack: ExitStack, address: str, number: int) -> queue.Queue[str]:
    parts = urlsplit(address)
    arguments = [str(parts.hostname), str(parts.port), cookies(signed_in(address)), str(CLIENTS // PROCESSES), str(number)]
    command = [sys.executable, "-m", "bench.crowd", *arguments]
    process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
    stack.callback(process.terminate)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    return lines


def _read(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    for line in process.stdout or ():
        lines.put(line.strip())


def _change(number: int, change: int, crowds: list[queue.Queue[str]]) -> list[float]:
    """Change the ticket; returns the milliseconds until each client had it. Who missed it is not in the list."""
    from helpdesk.agents.actions import agent_by_email
    from helpdesk.tickets import actions

    agent = agent_by_email(EMAIL)
    assert agent is not None
    started = time.monotonic()
    version = actions.set_tags(agent, number, [f"bench-{change}"]).version
    found: list[float] = []
    for crowd in crowds:
        while True:
            try:
                seen, heard = json.loads(crowd.get(timeout=PATIENCE))
            except queue.Empty:
                break
            if seen >= version:
                found += [(at - started) * 1000 for at in heard]
                break
    return found
