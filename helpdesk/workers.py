"""The parent of the worker processes: imports the application once, forks, and keeps the forks alive.

What was imported before the fork is shared memory, so that a further process costs a few megabytes.
"""

from __future__ import annotations

import gc
import importlib.util
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

import redis
import structlog
from flask import Flask

from helpdesk import create_app, logs
from helpdesk.config import Settings, StartError
from helpdesk.heartbeats import beat
from helpdesk.inboxes import listen
from helpdesk.processes import Fork
from helpdesk.queue import PERIODIC
from helpdesk.rq_processes import Cron, JobWorker, worker_name
from helpdesk.supervisor import Child, Supervisor

USAGE = "Usage: worker.py [work|listen|all]"
GROUPS = (("live", ("live",)), ("receive", ("receive", "react", "default")), ("deliver", ("deliver",)))
JOBS = "helpdesk.jobs"
GRACE = 20.0  # seconds for a job to end in, before its worker is killed; every job may be run again
BEAT_SECONDS = 10.0

log = structlog.get_logger()


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or Ctrl-C; returns the exit code."""
    kind = arguments[0] if arguments else "work"
    if len(arguments) > 1 or kind not in ("work", "listen", "all"):
        print(USAGE, file=sys.stderr)
        return 2
    supervisor = Supervisor()
    supervisor.take_signals()
    try:
        settings = Settings.load()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    logs.configure(settings, "worker")
    app = create_app(settings)
    import_jobs()
    gc.collect()
    gc.freeze()  # so that the collector does not write to, and thereby copy, what the forks share
    for name, body in processes(app, settings, kind):
        supervisor.add(Child(name, _forking(name, body), grace=GRACE))
    supervisor.run()
    supervisor.stop()
    return 0


def processes(app: Flask, settings: Settings, kind: str) -> list[tuple[str, Callable[[], None]]]:
    """Return name and body of each process that `kind` stands for."""
    found: list[tuple[str, Callable[[], None]]] = []
    if kind in ("work", "all"):
        for name, queues in GROUPS:
            for _ in range(settings.workers if name == "receive" else 1):
                found.append((name, lambda name=name, queues=queues: work(app, name, queues)))  # type: ignore[misc]
        found.append(("cron", lambda: keep_time(app)))
    if kind in ("listen", "all"):
        found.append(("listener", lambda: listen_until_stopped(app)))
    return found


def import_jobs() -> None:
    """Import every job once, before the forks."""
    if importlib.util.find_spec(JOBS):
        import_module(JOBS)


def work(app: Flask, name: str, queues: tuple[str, ...]) -> None:
    """Run jobs of these queues, in this process, until stopped."""
    with _without_redis_leave(name):
        worker = JobWorker(app, name, queues)
        worker.work(logging_level="WARNING")


def keep_time(app: Flask) -> None:
    """Enqueue the periodic jobs until stopped."""
    with _without_redis_leave("cron"):
        Cron(app.extensions["redis"], PERIODIC).start()  # type: ignore[no-untyped-call]


def listen_until_stopped(app: Flask) -> None:
    """Listen to all inboxes until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    threading.Thread(target=_beat_until, args=(app.extensions["redis"], stop), daemon=True).start()
    try:
        listen.run(app, stop)
    finally:
        stop.set()


def _beat_until(connection: redis.Redis, stop: threading.Event) -> None:
    name, away = worker_name("listener"), False
    while not stop.is_set():
        try:
            beat(connection, name)
            away = False
        except redis.RedisError as error:
            if not away:
                log.warning("redis_unreachable", reason=type(error).__name__)
            away = True
        stop.wait(1.0 if away else BEAT_SECONDS)


def _forking(name: str, body: Callable[[], None]) -> Callable[[], Fork]:
    def in_child() -> None:
        structlog.contextvars.bind_contextvars(process=name)
        body()

    return lambda: Fork(in_child)


@contextmanager
def _without_redis_leave(name: str) -> Iterator[None]:
    """End the process quietly when Redis is away: its parent starts it again, later and later."""
    try:
        yield
    except redis.RedisError as error:
        log.warning("redis_unreachable", worker=name, reason=type(error).__name__)
        raise SystemExit(1) from error
