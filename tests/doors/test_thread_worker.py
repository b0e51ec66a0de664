"""Workers that are threads: they end their job before the process ends, and take no further one."""

from __future__ import annotations

import threading

from flask import Flask
from rq import Queue

from helpdesk.rq_processes import ThreadWorker
from tests.rigs.wait import PATIENCE

started, release = threading.Event(), threading.Event()
done: list[int] = []


def slow_job(number: int) -> None:
    started.set()
    assert release.wait(PATIENCE)
    done.append(number)


def test_a_worker_that_is_told_to_finish_ends_its_job_and_takes_no_other(app: Flask) -> None:
    for past in (started, release, done):  # of an earlier try
        past.clear()
    queue = Queue("deliver", connection=app.extensions["redis"])
    for number in (1, 2):
        queue.enqueue(slow_job, number)
    worker = ThreadWorker(app, "deliver", ("deliver",))
    threading.Thread(target=worker.work, kwargs={"logging_level": "ERROR"}, daemon=True).start()
    assert started.wait(PATIENCE)

    finishing = threading.Thread(target=worker.finish, daemon=True)
    finishing.start()
    assert finishing.is_alive() and not done
    release.set()
    finishing.join(PATIENCE)

    assert not finishing.is_alive()
    assert done == [1]
