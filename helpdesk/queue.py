"""The one way to hand work to the RQ workers: a hint that may be lost, since sweepers find due rows by themselves."""

from __future__ import annotations

from typing import Any

import redis
import structlog
from flask import current_app
from rq import Queue

from helpdesk.after_commit import after_commit

log = structlog.get_logger()

QUEUES = ("live", "receive", "react", "deliver", "default")

PERIODIC: tuple[tuple[str, str, int], ...] = (
    ("helpdesk.jobs.deliver_due", "deliver", 2),
    ("helpdesk.jobs.send_scheduled", "deliver", 5),
    ("helpdesk.jobs.receive_due", "receive", 5),
    ("helpdesk.jobs.react", "react", 5),
    ("helpdesk.jobs.recover_deliveries", "deliver", 15),
    ("helpdesk.jobs.clean_up", "default", 3600),
)
"""(job, queue, seconds): what sweeps. A run that could not start within its interval is dropped, the next one does it."""

RESULT_SECONDS = 0
FAILURE_SECONDS = 86_400
JOB_SECONDS = 600


def connection() -> redis.Redis:
    """This process's Redis connection pool."""
    pool: redis.Redis = current_app.extensions["redis"]
    return pool


def enqueue(job: str, *args: Any, queue: str) -> None:
    """Hint to the workers that there is work; Redis being away is logged and repaired by the sweepers."""
    try:
        Queue(queue, connection=connection()).enqueue(
            job, *args, result_ttl=RESULT_SECONDS, failure_ttl=FAILURE_SECONDS, job_timeout=JOB_SECONDS
        )
    except redis.RedisError as error:
        log.warning("hint_lost", job=job, reason=type(error).__name__)


def enqueue_after_commit(job: str, *args: Any, queue: str) -> None:
    """Enqueue once the current transaction is committed; the same job with the same arguments once."""
    after_commit(lambda: enqueue(job, *args, queue=queue), key=(job, *args))
