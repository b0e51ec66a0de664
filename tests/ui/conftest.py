"""A real Chromium before the real web process. Every page must end without console errors and policy violations."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, sync_playwright

from helpdesk import reactions
from helpdesk.agents.models import Agent
from helpdesk.config import Settings
from helpdesk.extensions import db
from helpdesk.tickets import push
from helpdesk.tickets.outgoing import deliver
from tests.cast import Cast
from tests.rigs.fixtures import need
from tests.rigs.ports import free_ports
from tests.rigs.wait import PATIENCE, until
from tests.ui.screen import Screen

ROOT = Path(__file__).parents[2]
CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    need("" if CHROMIUM else "Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def web(migrated_app: Flask, server_settings: Settings) -> Iterator[str]:
    """The web process under gunicorn, as it is run; gives its address. Others must find the database unused after it."""
    [port] = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    process = _start(replace(server_settings, public_url=address), port)
    try:
        until(lambda: process.poll() is not None or _answers(f"{address}/login"), what="the web process answering")
        assert process.poll() is None, "the web process has died"
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture
def workers(app: Flask) -> Iterator[None]:
    """What the workers do, done by one thread of this process: reactions, deliveries, pushes."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(app, stop), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.fixture
def open_screen(app: Flask, browser: Browser, web: str, workers: None, cast: Cast) -> Iterator[Callable[..., Screen]]:
    """Opens a browser window, signed in as the agent when one is given; checks at the end that it was never unwell."""
    screens: list[Screen] = []

    def open_one(agent: Agent | None = None, **options: object) -> Screen:
        screen = Screen.open(browser, web, **options)
        screens.append(screen)
        if agent is not None:
            screen.enter(_session(app, agent))
        return screen

    yield open_one
    try:
        for screen in screens:
            screen.check()
    finally:
        for screen in screens:
            screen.close()


def _session(app: Flask, agent: Agent) -> str:
    """The cookie of an agent who has signed in: the form itself is a test of its own."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps({"_user_id": agent.get_id(), "_fresh": False}))


def _start(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "TEMAS_DATA": str(settings.data),
        "PUBLIC_URL": settings.public_url,
        "TEMAS_LOG_FILE": str(settings.data / "web.log"),
    }
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "--no-control-socket",
        "-k",
        "gevent",
        "-b",
        f"127.0.0.1:{port}",
        "wsgi:app",
    ]
    return subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _work(app: Flask, stop: threading.Event) -> None:
    with app.app_context():
        while not stop.wait(0.03):
            try:
                reactions.react()
                deliver.deliver_due()
                push.push()
            except Exception:  # a job that fails is tried again, as by the workers; pytest shows why beside a failed test
                logging.exception("A job has failed")
            db.session.remove()
