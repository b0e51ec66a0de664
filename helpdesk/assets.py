"""Static files under content-hashed URLs, the import map for them, and how long a browser may keep them."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

STATIC = Path(__file__).with_name("static")
STYLES = ("tokens", "base", "parts", "shell", "inbox", "conversation", "helpers", "pages", "narrow")
VENDORED = {"@hotwired/turbo": "turbo", "@hotwired/stimulus": "stimulus", "socket.io-client": "socket.io"}
LAZY = frozenset(
    "addressing composer conversation editor envelope helped keysheet macros mention notices outbox picker picking".split()
    + "signature stale sure thread undo uploads written".split()
)
"""Own modules that no page needs before its first paint."""
COMPRESSIBLE = frozenset({"text/css", "text/javascript", "image/svg+xml", "application/json"})
FOR_EVER = "public, max-age=31536000, immutable"


def install(app: Flask) -> None:
    """Give templates ``asset()`` and ``import_map()``, and static files their headers."""
    app.jinja_env.globals.update(asset=asset, import_map=import_map, styles=STYLES, preloads=preloads)
    app.after_request(_finish_static)


@cache
def asset(path: str) -> str:
    """The URL of a static file; it changes with the file's content. Needs no request. Raises FileNotFoundError.

    Files are looked at once in each process: those of a running installation do not change.
    """
    return f"/static/{path}?v={_version(path)}"


@cache
def import_map() -> str:
    """The JSON text of the page's import map; the policy's hash is taken over exactly this text."""
    modules = {name: asset(f"vendor/{file}.js") for name, file in VENDORED.items()}
    modules["temas/vendor/editor"] = asset("vendor/editor.js")
    modules |= {f"temas/{name}": asset(f"js/{name}.js") for name in _own_modules()}
    return json.dumps({"imports": modules}, separators=(",", ":"))


@cache
def preloads() -> list[str]:
    """URLs of the modules that every page needs, so that the browser fetches them side by side."""
    own = [asset(f"js/{name}.js") for name in _own_modules() if name not in LAZY]
    return [*(asset(f"vendor/{file}.js") for file in VENDORED.values()), *own]


@cache
def _own_modules() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (STATIC / "js").glob("*.js")))


@cache
def _version(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


@cache
def _compressed(path: str, _version: str) -> bytes:
    return gzip.compress((STATIC / path).read_bytes(), mtime=0)


def _finish_static(response: Response) -> Response:
    """Keep a file for ever when its URL names its content, and compress text once per version."""
    if request.endpoint != "static" or response.status_code != 200:
        return response
    path = str((request.view_args or {}).get("filename", ""))
    version = _version(path)
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == version else "no-cache"
    if response.mimetype in COMPRESSIBLE and request.accept_encodings["gzip"] and "Range" not in request.headers:
        response.direct_passthrough = False
        response.set_data(_compressed(path, version))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
    response.headers.add("Vary", "Accept-Encoding")
    return response
