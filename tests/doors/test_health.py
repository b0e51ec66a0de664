"""`/healthz` tells the truth about what is behind the web, and `/metrics` tells it only to whom it may."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk import create_app
from helpdesk.config import Settings
from helpdesk.health import WORKERS
from helpdesk.heartbeats import beat
from helpdesk.version import VERSION
from tests.doors.running import ROOT


def test_nobody_behind_the_web_is_degraded_and_everybody_is_ok(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "degraded",
            "database": "ok",
            "redis": "ok",
            "workers": "down",
            "listener": "down",
            "version": VERSION,
        },
    )
    for name in (*WORKERS, "listener"):
        beat(app.extensions["redis"], f"{name}:host:1:abc")
    assert client.get("/healthz").json["status"] == "ok"  # type: ignore[index]


def test_without_a_database_it_is_down(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    answer = create_app(Settings.load({"TEMAS_DATA": str(tmp_path), **environ})).test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["status"], answer.json["database"], answer.json["redis"]) == ("down", "down", "down")


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("203.0.113.9", {"Authorization": "Bearer s3cret-for-metrics"}, 200),
        ("203.0.113.9", {"Authorization": "Bearer wrong"}, 403),
    ],
)
def test_metrics_are_for_loopback_or_the_token(
    app: Flask, monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], status: int
) -> None:
    settings = replace(app.extensions["settings"], metrics_token="s3cret-for-metrics")
    monkeypatch.setitem(app.extensions, "settings", settings)
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_behind_a_trusted_proxy_nobody_looks_like_loopback_but_loopback(app: Flask) -> None:
    behind = create_app(replace(app.extensions["settings"], trusted_proxies=1)).test_client()
    for client, status in (("203.0.113.9", 403), ("127.0.0.1", 200), ("127.0.0.1, 203.0.113.9", 403)):
        answer = behind.get("/metrics", headers={"X-Forwarded-For": client}, environ_base={"REMOTE_ADDR": "127.0.0.1"})
        assert answer.status_code == status, client


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
