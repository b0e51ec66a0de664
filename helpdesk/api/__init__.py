"""The HTTP API under /api/v1: JSON in and out, described at /api/v1/openapi.json (docs/api.md)."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from importlib import import_module
from typing import Any

import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response
from flask_limiter.util import get_remote_address
from marshmallow import fields

from helpdesk import settings
from helpdesk.api.endpoints import PREFIX, Endpoints
from helpdesk.api.tokens import bearer
from helpdesk.api.values import Answer
from helpdesk.extensions import csrf, limiter
from helpdesk.version import VERSION

FEATURES = (
    "helpdesk.tickets.api",
    "helpdesk.tickets.timeline_api",
    "helpdesk.tickets.outgoing.side_api",
    "helpdesk.tickets.merging.api",
    "helpdesk.tickets.incoming.suspended_api",
    "helpdesk.customers.api",
    "helpdesk.inboxes.api",
    "helpdesk.agents.api",
    "helpdesk.surveys.api",
    "helpdesk.canned.api",
    "helpdesk.macros.api",
    "helpdesk.notifications.api",
)
"""Modules with ``endpoints``. One line for each."""

REFUSED_A_MINUTE = 60


class Problem(Answer):
    """An error (RFC 9457)."""

    type = fields.String(required=True, metadata={"description": "A stable URN, or `about:blank`."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    safe = fields.String(metadata={"description": "What is safe all the same."})
    todo = fields.String(metadata={"description": "What to do now."})
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), metadata={"description": "Sentences by field."}
    )


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest with our own answers to errors, which ``helpdesk.error_pages`` gives to everybody."""

    def _register_error_handlers(self) -> None:
        """Leave errors to the application's handlers."""

    def _register_responses(self) -> None:
        content = {"application/problem+json": {"schema": Problem}}
        for status in HTTPStatus:
            if status >= HTTPStatus.BAD_REQUEST:
                response = {"description": status.phrase, "content": content}
                self.spec.components.response(status.name, response, lazy=True)
        self.spec.components.response("DEFAULT_ERROR", {"description": "Any other error", "content": content}, lazy=True)

    def add(self, endpoints: Endpoints) -> None:
        """Register a feature's routes and describe them under the feature's own name."""
        blueprint = endpoints.blueprint
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
        self.spec.tag({"name": endpoints.name, "description": endpoints.description})


def install(app: Flask) -> None:
    """Register every feature's routes and the description of them."""
    app.config.update(OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=PREFIX, API_TITLE="Temas", API_VERSION=VERSION)
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    api = Api(app, spec_kwargs={**_about(app.extensions["settings"].public_url), "marshmallow_plugin": plugin})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for module in FEATURES:
        endpoints: Endpoints = import_module(module).endpoints
        _limit(endpoints)
        api.add(endpoints)


def _name(schema: Any) -> str:
    """What the description calls a schema."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.replace("Shape", "")


def _about(url: str) -> dict[str, Any]:
    description = "Tickets, customers and inboxes. Lists are paged by cursor; errors are problem documents (RFC 9457)."
    return {"info": {"description": description}, "servers": [{"url": url}], "security": [{"token": []}]}


def _limit(endpoints: Endpoints) -> None:
    """So many requests a minute for each token, and far fewer refused ones for each address."""
    csrf.exempt(endpoints.blueprint)
    limiter.shared_limit(_rate, scope="api", key_func=_caller)(endpoints.blueprint)
    limiter.shared_limit(
        f"{REFUSED_A_MINUTE}/minute", scope="api refused", key_func=get_remote_address, deduct_when=_is_refusal
    )(endpoints.blueprint)


def _rate() -> str:
    return f"{settings.current().api_per_minute}/minute"


def _caller() -> str:
    token = bearer()
    return hashlib.sha256(token.encode()).hexdigest() if token else get_remote_address()


def _is_refusal(response: Response) -> bool:
    return response.status_code == HTTPStatus.UNAUTHORIZED
