"""How much remote pictures may cost in a day (UTC), over all agents: counted in Redis, where losing it does no harm."""

from __future__ import annotations

import redis
import structlog

from helpdesk import clock, settings
from helpdesk.queue import connection

log = structlog.get_logger()

TWO_DAYS = 172_800


def is_used_up() -> bool:
    """Whether nothing more may be fetched today."""
    try:
        used = int(connection().get(_key()) or 0)
    except redis.RedisError as error:
        log.warning("redis_unreachable", reason=type(error).__name__)
        return False
    return used >= settings.current().picture_megabytes * 1_000_000


def charge(size: int) -> None:
    """Count so many bytes that were fetched."""
    try:
        pipe = connection().pipeline()
        pipe.incrby(_key(), size)
        pipe.expire(_key(), TWO_DAYS)
        pipe.execute()
    except redis.RedisError as error:
        log.warning("redis_unreachable", reason=type(error).__name__)


def _key() -> str:
    return f"temas:pictures:{clock.now():%Y-%m-%d}"
