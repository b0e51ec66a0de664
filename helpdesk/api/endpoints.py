"""The routes of one feature's API: authenticated, described in OpenAPI, limited in rate, writes repeatable by key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any, TypeVar

import flask_smorest
from flask import request
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from helpdesk.api import idempotency
from helpdesk.api.tokens import authenticate
from helpdesk.api.values import Answer, Schema

PREFIX = "/api/v1"
ALWAYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)
OF_WRITES = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

View = TypeVar("View", bound=Callable[..., Any])
Shape = Schema | type[Schema] | type[Answer]


class Parser(FlaskParser):
    """Refuses unknown parameters of the query: a misspelt filter must not answer with everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": "raise"}

    def _raw_load_json(self, req: Any) -> Any:
        try:
            return super()._raw_load_json(req)
        except (JSONDecodeError, UnicodeDecodeError):
            raise
        except (RecursionError, ValueError) as error:  # too deep, or a number of thousands of digits
            raise BadRequest from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose arguments are read by our parser."""

    ARGUMENTS_PARSER = Parser()


class Endpoints:
    """Where a feature registers its routes; the views are plain functions of the parsed input and the path's values."""

    def __init__(self, name: str, description: str) -> None:
        self.name, self.description = name, description
        self.blueprint = Blueprint(f"api_{name}", f"helpdesk.{name}.api", url_prefix=PREFIX, description=description)
        self.blueprint.before_request(authenticate)
        self.blueprint.before_request(_require_json)

    def get(self, rule: str, answers: Shape, *, query: Shape | None = None) -> Callable[[View], View]:
        """A read."""
        return self._route("GET", rule, answers, 200, query=query)

    def post(
        self, rule: str, answers: Shape, *, body: Shape | None = None, query: Shape | None = None
    ) -> Callable[[View], View]:
        """A write that makes something."""
        return self._route("POST", rule, answers, 201, body=body, query=query)

    def patch(self, rule: str, answers: Shape, *, body: Shape) -> Callable[[View], View]:
        """A write that changes the given fields of something."""
        return self._route("PATCH", rule, answers, 200, body=body)

    def delete(self, rule: str) -> Callable[[View], View]:
        """A write that takes something away, and answers with nothing."""
        return self._route("DELETE", rule, None, 204)

    def download(self, rule: str) -> Callable[[View], View]:
        """A read that answers with bytes."""
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

        def decorate(view: View) -> View:
            made = self._describe(view, "GET", view.__name__, has_path=True)
            made = self.blueprint.doc(responses={"200": {"description": "The file", "content": content}})(made)
            self.blueprint.route(rule, methods=["GET"], endpoint=view.__name__, tags=[self.name])(made)
            return view

        return decorate

    def _route(
        self,
        method: str,
        rule: str,
        answers: Shape | None,
        status: int,
        *,
        body: Shape | None = None,
        query: Shape | None = None,
    ) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            made = self.blueprint.response(status, answers)(view)
            if query is not None:
                made = self.blueprint.arguments(query, location="query")(made)
            if body is not None:
                made = self.blueprint.arguments(body, location="json")(made)
            made = self._describe(made, method, view.__name__, has_path="<" in rule)
            if method != "GET":
                made = _repeatable(made)
            self.blueprint.route(rule, methods=[method], endpoint=view.__name__, tags=[self.name])(made)
            return view

        return decorate

    def _describe(self, view: Any, method: str, name: str, *, has_path: bool) -> Any:
        missing = (HTTPStatus.NOT_FOUND,) if has_path else ()
        for status in (*ALWAYS, *missing, *(() if method == "GET" else OF_WRITES)):
            view = self.blueprint.alt_response(status, response=status.name)(view)
        details: dict[str, Any] = {"operationId": f"{self.name}.{name}"}
        if method != "GET":
            details["parameters"] = [_KEY_HEADER]
        return self.blueprint.doc(**details)(view)


_KEY_HEADER = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": idempotency.LONGEST},
    "description": "The same key with the same request is carried out once and answered the same, for 7 days.",
}


def _repeatable(view: Any) -> Any:
    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        return idempotency.once(lambda: view(*args, **kwargs))

    return once


def _require_json() -> None:
    """Raises UnsupportedMediaType for a body that does not say that it is JSON."""
    if request.method in ("POST", "PATCH", "DELETE") and request.content_length and not request.is_json:
        raise UnsupportedMediaType
