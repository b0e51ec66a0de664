"""RQ's worker and timekeeper, as Temas runs them."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any
from uuid import uuid4

import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.cron import CronScheduler
from rq.job import Job
from rq.timeouts import TimerDeathPenalty
from rq.utils import import_attribute

from helpdesk.heartbeats import beat


def worker_name(role: str) -> str:
    """Return a name that tells the role and is unique among all hosts."""
    return f"{role}:{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:6]}"


class JobWorker(SimpleWorker):
    """Runs jobs in its own process, each in an application context of its own, and gives signs of life.

    SimpleWorker does not fork for every job, which makes it three times as fast.
    """

    max_connection_wait_time = 5.0  # seconds between attempts to reach Redis
    log_result_lifespan = False

    def __init__(self, app: Flask, role: str, queues: tuple[str, ...]) -> None:
        """Register with Redis; raises redis.RedisError when it is away."""
        self.app = app
        self.beat_name = worker_name(role)
        # The worker blocks for ttl - 15 seconds, then gives its next sign of life.
        super().__init__(
            list(queues),
            name=self.beat_name,
            connection=app.extensions["redis"],
            worker_ttl=30,
            log_job_description=False,
        )

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job."""
        with self.app.app_context():
            super().execute_job(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Give RQ's sign of life, and ours."""
        super().heartbeat(timeout, pipeline)
        beat(self.connection if pipeline is None else pipeline, self.beat_name)


class ThreadWorker(JobWorker):
    """A worker in a thread: it leaves the signals to its process, and ends a job that takes too long by an exception."""

    death_penalty_class = TimerDeathPenalty

    def __init__(self, app: Flask, role: str, queues: tuple[str, ...]) -> None:
        """Register with Redis; raises redis.RedisError when it is away."""
        super().__init__(app, role, queues)
        self._working = threading.Lock()

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job, unless the process is ending: a job is a hint, and its sweeper finds the work again."""
        with self._working:
            if not self._stop_requested:
                super().execute_job(job, queue)

    def finish(self) -> None:
        """Take no further job, and wait for the end of the present one."""
        self._stop_requested = True
        with self._working:
            self.register_death()  # type: ignore[no-untyped-call]

    def _install_signal_handlers(self) -> None:
        """Signals are the main thread's."""


class Cron(CronScheduler):
    """Enqueues the periodic jobs; one that could not start within its interval is dropped, as the next one does it."""

    def __init__(self, connection: redis.Redis, periodic: tuple[tuple[str, str, int], ...]) -> None:
        """Register the jobs: (dotted name, queue, seconds)."""
        super().__init__(connection, logging_level="WARNING", name=worker_name("cron"))
        for job, queue, seconds in periodic:
            self.register(import_attribute(job), queue, interval=seconds, ttl=seconds, result_ttl=0, job_timeout=600)

    def run_until(self, stop: threading.Event) -> None:
        """Do what `start` does, in any thread and until `stop` is set. Raises redis.RedisError."""
        self.register_birth()
        while not stop.is_set():
            if self.enqueue_jobs():
                self.save()
            self.heartbeat()
            stop.wait(self.calculate_sleep_interval())
        self.register_death()

    def heartbeat(self) -> None:
        """Give RQ's sign of life, and ours."""
        super().heartbeat()
        beat(self.connection, self.name)
