"""The parent of the worker processes: imports the application once, forks, and keeps the forks alive.

What was imported before the fork is shared memory, so that a further process costs a few megabytes.
"""

from __future__ import annotations

import gc
import importlib.util
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module

import redis
import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from helpdesk import create_app, logs
from helpdesk.config import Settings, StartError
from helpdesk.extensions import db
from helpdesk.heartbeats import beat
from helpdesk.inboxes import listen, queries
from helpdesk.processes import Fork
from helpdesk.queue import PERIODIC
from helpdesk.rq_processes import Cron, JobWorker, ThreadWorker, worker_name
from helpdesk.supervisor import Child, Supervisor

USAGE = "Usage: worker.py [work|listen|all]"
RECEIVE = ("receive", "react", "default")
BESIDE = (("live", ("live",)), ("deliver", ("deliver",)))
"""Workers that are threads of one process: they mostly wait for a network, and a process costs more than it brings."""
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
    warm_up(app)
    for name, body in processes(app, settings, kind):
        supervisor.add(Child(name, _forking(name, body), grace=GRACE))
    supervisor.run()
    supervisor.stop()
    return 0


def processes(app: Flask, settings: Settings, kind: str) -> list[tuple[str, Callable[[], None]]]:
    """Return name and body of each process that `kind` stands for."""
    found: list[tuple[str, Callable[[], None]]] = []
    if kind in ("work", "all"):
        found += [("receive", partial(work, app, "receive", RECEIVE))] * settings.workers
        name = "live, deliver, cron and listener" if kind == "all" else "live, deliver and cron"
        found.append((name, partial(keep_company, app, working=True, listening=kind == "all")))
    if kind == "listen":
        found.append(("listener", partial(keep_company, app, working=False, listening=True)))
    return found


def warm_up(app: Flask) -> None:
    """Do once, before the forks, what each of them would otherwise do in memory of its own."""
    if importlib.util.find_spec(JOBS):
        import_module(JOBS)
    configure_mappers()
    with app.app_context():
        try:
            queries.listening()  # makes the engine, its dialect's caches and the first statement
        except SQLAlchemyError as error:
            log.warning("database_unreachable", reason=type(error).__name__)
        db.session.remove()
        db.engine.dispose()  # a connection may not be shared
    gc.collect()
    gc.freeze()  # the collector then neither writes to nor copies what the forks share


def work(app: Flask, name: str, queues: tuple[str, ...]) -> None:
    """Run jobs of these queues, in this process, until stopped."""
    with _without_redis_leave(name):
        worker = JobWorker(app, name, queues)
        worker.work(logging_level="WARNING")


def keep_company(app: Flask, *, working: bool, listening: bool) -> None:
    """Until stopped: the workers beside, the timekeeper and the listeners, each in threads of this process."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    connection = app.extensions["redis"]
    workers: dict[str, ThreadWorker] = {}
    if working:
        for name, queues in BESIDE:
            threading.Thread(target=_work_until, args=(app, name, queues, stop, workers), daemon=True).start()
        threading.Thread(target=_keep_time_until, args=(connection, stop), daemon=True).start()
    try:
        if listening:
            threading.Thread(target=_beat_until, args=(connection, stop), daemon=True).start()
            listen.run(app, stop)
        else:
            stop.wait()
    finally:
        stop.set()
        _finish(workers.values())


def _work_until(
    app: Flask, name: str, queues: tuple[str, ...], stop: threading.Event, workers: dict[str, ThreadWorker]
) -> None:
    """Run jobs of these queues, beginning anew when Redis has been away; ``workers`` shows who is at work."""
    while not stop.is_set():
        try:
            workers[name] = ThreadWorker(app, name, queues)
            workers[name].work(logging_level="WARNING")
        except redis.RedisError as error:
            log.warning("redis_unreachable", worker=name, reason=type(error).__name__)
            stop.wait(1.0)


def _finish(workers: Iterable[ThreadWorker]) -> None:
    for worker in workers:
        try:
            worker.finish()
        except redis.RedisError as error:
            log.warning("redis_unreachable", worker=worker.name, reason=type(error).__name__)


def _keep_time_until(connection: redis.Redis, stop: threading.Event) -> None:
    """Enqueue the periodic jobs, beginning anew when Redis has been away."""
    while not stop.is_set():
        try:
            Cron(connection, PERIODIC).run_until(stop)
        except redis.RedisError as error:
            log.warning("redis_unreachable", worker="cron", reason=type(error).__name__)
            stop.wait(1.0)


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
        logs.name_process(name)
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
