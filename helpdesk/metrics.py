"""What `/metrics` says. Each figure is read when asked for, through an index, so that asking is cheap."""

from __future__ import annotations

from collections.abc import Iterator

import redis
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.extensions import db
from helpdesk.queue import QUEUES, connection

REGISTRY = CollectorRegistry()
REQUEST_SECONDS = Histogram(
    "temas_request_seconds",
    "Time to answer a request",
    ["endpoint"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.03, 0.06, 0.1, 0.3, 1, 3, 10),
)

RECEIVED = """
    select 'pending', count(*) from received where status = 'pending'
    union all select 'quarantined', count(*) from received where status = 'quarantined'
"""
DELIVERIES = """
    select 'queued', count(*) from deliveries where status = 'queued'
    union all select 'sending', count(*) from deliveries where status = 'sending'
    union all select status, count(*) from deliveries where status in ('failed', 'unknown') group by status
"""
WAITING = """
    select 'received', coalesce(extract(epoch from now() - min(received_at)), 0) from received where status = 'pending'
    union all
    select 'delivery', greatest(coalesce(extract(epoch from now() - min(next_attempt_at)), 0), 0)
        from deliveries where status = 'queued'
"""
GAUGES = (
    ("temas_received", "Raw items in the ledger that are not done", "status", RECEIVED),
    ("temas_deliveries", "Deliveries that are not sent", "status", DELIVERIES),
    ("temas_oldest_waiting_seconds", "Age of the oldest item that is due and waits", "kind", WAITING),
)


class Installation(Collector):
    """Reads the figures that live in PostgreSQL and Redis; one that cannot be read is left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures, and `temas_up` for what they were read from."""
        up = GaugeMetricFamily("temas_up", "Whether a server answers", labels=["server"])
        for server, read in (("database", self._from_database), ("redis", self._from_redis)):
            try:
                families = list(read())
            except (SQLAlchemyError, redis.RedisError):
                up.add_metric([server], 0)
                continue
            up.add_metric([server], 1)
            yield from families
        yield up

    def _from_database(self) -> Iterator[GaugeMetricFamily]:
        with db.engine.connect() as line:
            for name, meaning, label, query in GAUGES:
                yield _family(line, name, meaning, label, query)

    def _from_redis(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily("temas_queue_jobs", "Jobs waiting in a queue", labels=["queue"])
        for queue in QUEUES:
            family.add_metric([queue], connection().llen(f"rq:queue:{queue}"))
        yield family


def exposition() -> bytes:
    """Return all figures in Prometheus's text format."""
    return generate_latest(REGISTRY)


def _family(line: Connection, name: str, meaning: str, label: str, query: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in line.execute(text(query)):
        family.add_metric([value], float(number))
    return family


REGISTRY.register(Installation())
