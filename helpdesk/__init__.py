"""Temas, the omnichannel helpdesk. ``create_app`` makes the web application; workers use it for its context."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from helpdesk.config import Settings

if TYPE_CHECKING:
    from flask import Flask

# The supervisor and the quick commands import this package too: what is heavy is imported in the functions.

MODELS = (
    "helpdesk.agents.models",
    "helpdesk.customers.models",
    "helpdesk.inboxes.models",
    "helpdesk.inboxes.grant_models",
    "helpdesk.tickets.models",
    "helpdesk.tickets.incoming.suspended_models",
    "helpdesk.tickets.merging.models",
    "helpdesk.sla.models",
    "helpdesk.surveys.models",
    "helpdesk.canned.models",
    "helpdesk.macros.models",
    "helpdesk.notifications.models",
    "helpdesk.scheduled.models",
    "helpdesk.api.models",
)

PARTS = (
    "helpdesk.i18n",
    "helpdesk.assets",
    "helpdesk.template_helpers",
    "helpdesk.web_security",
    "helpdesk.error_pages",
    "helpdesk.health",
    "helpdesk.sockets",
    "helpdesk.agents.sign_in",
    "helpdesk.agents.views",
    "helpdesk.agents.signature_views",
    "helpdesk.tickets.sentences",
    "helpdesk.tickets.incoming.origin_sentences",
    "helpdesk.tickets.merging.sentences",
    "helpdesk.tickets.shown",
    "helpdesk.tickets.views",
    "helpdesk.tickets.change_views",
    "helpdesk.tickets.outgoing.side_views",
    "helpdesk.tickets.merging.views",
    "helpdesk.tickets.file_views",
    "helpdesk.tickets.frame_views",
    "helpdesk.tickets.incoming.enclosed_views",
    "helpdesk.tickets.incoming.origin_views",
    "helpdesk.tickets.incoming.suspended_views",
    "helpdesk.customers.views",
    "helpdesk.surveys.views",
    "helpdesk.settings_pages",
    "helpdesk.inboxes.views",
    "helpdesk.inboxes.consent_views",
    "helpdesk.inboxes.received_views",
    "helpdesk.agents.team_views",
    "helpdesk.agents.people_views",
    "helpdesk.agents.token_views",
    "helpdesk.surveys.settings_views",
    "helpdesk.canned.views",
    "helpdesk.canned.settings_views",
    "helpdesk.macros.views",
    "helpdesk.macros.settings_views",
    "helpdesk.notifications.views",
    "helpdesk.scheduled.views",
    "helpdesk.inboxes.hooks",
    "helpdesk.api",
)
"""Modules with an ``install(app)``: pages, routes, errors, commands. One line for each."""


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. Raises ConfigError when a setting is wrong."""
    import redis
    from flask import Flask

    settings = settings or Settings.load()
    app = Flask(__name__, template_folder="../templates", static_folder="static")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 10,
            "max_overflow": 20,
            "pool_pre_ping": True,
            "pool_timeout": 10,
            "hide_parameters": True,
            "connect_args": {"application_name": f"temas {os.getpid()}"},
        },
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=5_000_000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        RATELIMIT_STORAGE_URI=settings.redis_url.replace("unix://", "redis+unix://"),  # limits has its own name for it
        RATELIMIT_SWALLOW_ERRORS=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,  # each process counts for itself while Redis is away
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.extensions["settings"] = settings
    app.extensions["redis"] = redis.Redis.from_url(settings.redis_url)
    _bind_extensions(app, settings)
    _trust_proxies(app, settings.trusted_proxies)
    for module in (*MODELS, *PARTS):
        install = getattr(import_module(module), "install", None)
        if install is not None:
            install(app)
    return app


def _bind_extensions(app: Flask, settings: Settings) -> None:
    import socketio as python_socketio

    from helpdesk import after_commit
    from helpdesk.extensions import csrf, db, limiter, login_manager, socketio

    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    socketio.init_app(app, client_manager=python_socketio.RedisManager(settings.redis_url))
    after_commit.install(db.session)


def _trust_proxies(app: Flask, hops: int) -> None:
    """Take the client's address, scheme and host from so many proxies; from nobody else, as anybody can write them."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
