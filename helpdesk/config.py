"""The settings of an installation, read once from the environment (docs/configuration.md)."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from helpdesk.environment import ConfigError, Environment, StartError, with_scheme
from helpdesk.secret import EmptySecretError, kept_secret

__all__ = ["ConfigError", "Settings", "StartError"]

ROOT = Path(__file__).resolve().parent.parent
LEVELS = ("debug", "info", "warning", "error")
POSTGRES_EXAMPLE = "postgresql://user:password@host:5432/temas"
WEB, WEB_EXAMPLE = ("http", "https"), "https://support.example.com"
REDIS_EXAMPLE = "redis://host:6379/0 or unix:///path/to/redis.sock"


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides. Secrets never appear in its repr."""

    database_url: str = field(repr=False)  # SQLAlchemy's form; "" = the embedded PostgreSQL of `data`
    redis_url: str = field(repr=False)  # "" = the embedded Redis of `data`
    secret_key: str = field(repr=False)
    public_url: str  # where browsers and providers reach us; no trailing slash
    data: Path
    system_data: Path  # where root keeps the embedded PostgreSQL, which may not run as root
    host: str
    port: int
    log_level: str
    log_file: Path | None  # None = stderr
    metrics_token: str = field(repr=False)  # "" = /metrics answers loopback only
    trusted_proxies: int  # how many reverse proxies in front set X-Forwarded-*
    max_upload_bytes: int  # one request's body
    item_seconds: int  # processor time for interpreting one inbound item
    item_megabytes: int  # memory for interpreting it, beside the item itself
    poll_seconds: int  # the slow look at every inbox beside IMAP IDLE
    undo_seconds: int  # how long a reply is held before it is sent
    api_per_minute: int  # requests of one API token
    workers: int  # processes for the jobs that scale (receive, react, default)
    reopen_days: int  # so long after its end an answer still reopens a ticket; later it opens a new, linked one
    survey_delay_seconds: int  # from closing to the invitation
    survey_valid_days: int  # how long an invitation can be answered
    automatic_per_day: int  # messages by machine to one address in 24 hours
    remote_images: str  # whether mails' pictures may be fetched: "never", "ask" the agent, "always"
    picture_megabytes: int  # how much of them may be fetched in a day

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the environment; raises ConfigError with a sentence that names the wrong variable."""
        env = Environment(environ)
        data = Path(env.text("TEMAS_DATA", str(ROOT / "var"))).expanduser().absolute()
        host, port = _host(env), env.integer("TEMAS_PORT", 8000, 1, 65535)
        log_file = env.text("TEMAS_LOG_FILE", "")
        return cls(
            database_url=_database_url(env),
            redis_url=env.url("REDIS_URL", "", ("redis", "rediss", "unix"), REDIS_EXAMPLE),
            secret_key=_secret_key(env, data),
            public_url=env.url("PUBLIC_URL", local_url(host, port), WEB, WEB_EXAMPLE).rstrip("/"),
            data=data,
            system_data=Path(env.text("TEMAS_SYSTEM_DATA", "/var/lib/temas")).absolute(),
            host=host,
            port=port,
            log_level=env.choice("TEMAS_LOG_LEVEL", "info", LEVELS),
            log_file=Path(log_file).expanduser().absolute() if log_file else None,
            metrics_token=env.text("TEMAS_METRICS_TOKEN", ""),
            trusted_proxies=env.integer("TEMAS_TRUSTED_PROXIES", 0, 0, 10),
            max_upload_bytes=env.integer("TEMAS_MAX_UPLOAD_BYTES", 30_000_000, 1_000_000, 1_000_000_000),
            item_seconds=env.integer("TEMAS_ITEM_SECONDS", 2, 1, 600),
            item_megabytes=env.integer("TEMAS_ITEM_MEGABYTES", 200, 20, 100_000),
            poll_seconds=env.integer("TEMAS_POLL_SECONDS", 180, 5, 86_400),
            undo_seconds=env.integer("TEMAS_UNDO_SECONDS", 10, 0, 300),
            api_per_minute=env.integer("TEMAS_API_PER_MINUTE", 1200, 1, 1_000_000),
            workers=env.integer("TEMAS_WORKERS", 1, 1, 64),
            reopen_days=env.integer("TEMAS_REOPEN_DAYS", 30, 0, 36_500),
            survey_delay_seconds=env.integer("TEMAS_SURVEY_DELAY_SECONDS", 0, 0, 30 * 86_400),
            survey_valid_days=env.integer("TEMAS_SURVEY_VALID_DAYS", 30, 1, 3650),
            automatic_per_day=env.integer("TEMAS_AUTOMATIC_PER_DAY", 5, 0, 1000),
            remote_images=env.choice("TEMAS_REMOTE_IMAGES", "ask", ("never", "ask", "always")),
            picture_megabytes=env.integer("TEMAS_PICTURE_MEGABYTES", 2_000, 1, 10_000_000),
        )

    @property
    def local_url(self) -> str:
        """Where a browser on this machine reaches us."""
        return local_url(self.host, self.port)

    def with_servers(self, database_url: str, redis_url: str) -> Self:
        """Return these settings pointing at the given servers."""
        return replace(self, database_url=database_url, redis_url=redis_url)


def _database_url(env: Environment) -> str:
    schemes = ("postgres", "postgresql", "postgresql+psycopg")
    url = env.url("DATABASE_URL", "", schemes, POSTGRES_EXAMPLE)
    return with_scheme(url, "postgresql+psycopg") if url else ""


def _host(env: Environment) -> str:
    host = env.text("TEMAS_HOST", "127.0.0.1")
    if host == "localhost":
        return host
    try:
        ipaddress.ip_address(host)
    except ValueError as error:
        raise ConfigError(f"TEMAS_HOST is {host!r}, but must be an IP address, such as 127.0.0.1 or 0.0.0.0.") from error
    return host


def local_url(host: str, port: int) -> str:
    """Return where a browser on this machine reaches a web process that listens on `host` and `port`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _secret_key(env: Environment, data: Path) -> str:
    given = env.text("SECRET_KEY", "")
    if given and len(given) < 16:
        raise ConfigError("SECRET_KEY is too short: give at least 16 random characters, or leave it out.")
    if given:
        return given
    try:
        return kept_secret(data / "secret_key")
    except EmptySecretError as error:
        raise ConfigError(
            f"{data / 'secret_key'} is empty; restore it from a backup, or delete it to get a new one "
            "(stored inbox passwords must then be entered again)."
        ) from error
    except OSError as error:
        raise ConfigError(
            f"The data folder {data} cannot be used ({error.strerror}); "
            "make it writable or name another one with TEMAS_DATA or --data."
        ) from error
