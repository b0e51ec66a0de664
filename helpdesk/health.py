"""`/healthz` and `/metrics`: is the installation well, and how much is it doing."""

from __future__ import annotations

import hmac
import threading
import time
from ipaddress import ip_address
from typing import Literal

import redis
import structlog
from flask import Blueprint, Flask, Response, abort, current_app, g, request
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import settings
from helpdesk.extensions import db
from helpdesk.heartbeats import alive
from helpdesk.metrics import REQUEST_SECONDS, exposition
from helpdesk.queue import connection
from helpdesk.version import VERSION

State = Literal["ok", "down"]

WORKERS = frozenset({"live", "receive", "deliver", "cron"})
DATABASE_SECONDS = 2.0
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")

log = structlog.get_logger()
blueprint = Blueprint("health", __name__)


def install(app: Flask) -> None:
    """Add the routes and time every request."""
    app.register_blueprint(blueprint)
    app.before_request(_start_clock)
    app.after_request(_observe)


@blueprint.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    """Return 200 while we can serve (`ok`, or `degraded` when something behind is missing), else 503 (`down`)."""
    database = _database()
    names = _alive()
    parts = {
        "database": database,
        "redis": "down" if names is None else "ok",
        "workers": "ok" if names is not None and names >= WORKERS else "down",
        "listener": "ok" if names is not None and "listener" in names else "down",
    }
    status = "down" if database == "down" else "ok" if set(parts.values()) == {"ok"} else "degraded"
    return {"status": status, **parts, "version": VERSION}, 503 if status == "down" else 200


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return Prometheus text to loopback, or to who has the token."""
    if not _may_see_metrics():
        abort(403)
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database() -> State:
    """Ask the database; one that does not answer in time is down, and is asked by nobody else until it does."""
    asking: _Asking | None = current_app.extensions.get("asking_database")
    if asking is None or not asking.is_alive():
        asking = current_app.extensions["asking_database"] = _Asking(db.engine)
        asking.start()
    asking.join(DATABASE_SECONDS)
    if asking.is_alive() or asking.refusal is not None:
        log.warning("database_unreachable", reason="timeout" if asking.refusal is None else asking.refusal)
        return "down"
    return "ok"


class _Asking(threading.Thread):
    """One question to the database, which a frozen one leaves open for as long as it is frozen."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="healthz", daemon=True)
        self._engine = engine
        self.refusal: str | None = None

    def run(self) -> None:
        try:
            with self._engine.connect() as connection:
                connection.execute(text("select 1"))
        except SQLAlchemyError as error:
            self.refusal = type(error).__name__


def _alive() -> set[str] | None:
    try:
        return alive(connection())
    except redis.RedisError as error:
        log.warning("redis_unreachable", reason=type(error).__name__)
        return None


def _may_see_metrics() -> bool:
    token = settings.current().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind a proxy on this machine that we were not told of, everybody would look like loopback.
    if any(name in request.headers for name in FORWARDED) and not settings.current().trusted_proxies:
        return False
    return request.remote_addr is not None and ip_address(request.remote_addr).is_loopback


def _start_clock() -> None:
    g.started = time.perf_counter()


def _observe(response: Response) -> Response:
    started = g.pop("started", None)
    if started is not None and request.endpoint:
        REQUEST_SECONDS.labels(request.endpoint).observe(time.perf_counter() - started)
    return response
