"""Signs of life of the processes behind the web: keys in Redis that fade when nobody renews them."""

import redis

PREFIX = "temas:heartbeat:"
SECONDS = 45  # a silent process counts as dead after so long


def beat(connection: redis.Redis, name: str) -> None:
    """Say that the process `name` is alive. Raises redis.RedisError."""
    connection.set(PREFIX + name, "1", ex=SECONDS)


def alive(connection: redis.Redis) -> set[str]:
    """Return the names of the processes that have given a sign of life lately. Raises redis.RedisError."""
    return {key.decode().removeprefix(PREFIX).split(":")[0] for key in connection.scan_iter(f"{PREFIX}*", count=1000)}
