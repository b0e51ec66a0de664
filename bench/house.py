"""A house to measure in: fresh servers in a temporary folder, the tables, one team, one inbox, one agent."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.corpus import SUPPORT

PASSWORD = "bench-password-1042"
EMAIL = "agent@bench.example"


@dataclass(frozen=True)
class House:
    """An application on running servers, and what a child process needs to use them too."""

    app: Flask
    environ: dict[str, str]
    inbox_id: int


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that the account of the embedded PostgreSQL can enter; removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="temas-bench-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def house() -> Iterator[House]:
    """Fresh servers and an application on them; everything is gone afterwards."""
    from helpdesk import create_app, logs
    from helpdesk.config import Settings
    from helpdesk.embedded import servers
    from helpdesk.migrating import bring_up_to_date

    with folder() as path:
        given = Settings.load({"TEMAS_DATA": str(path / "data"), "TEMAS_SYSTEM_DATA": str(path / "system")})
        with servers(given) as settings:
            environ = {
                "DATABASE_URL": settings.database_url,
                "REDIS_URL": settings.redis_url,
                "SECRET_KEY": settings.secret_key,
                "TEMAS_DATA": str(settings.data),
                "TEMAS_LOG_LEVEL": "error",
            }
            settings = Settings.load(environ)
            logs.configure(settings, "bench")
            app = create_app(settings)
            with app.app_context():
                bring_up_to_date(app)
                yield House(app, dict(os.environ) | environ, _people())


def _people() -> int:
    """One team with one agent and one inbox; returns the inbox's id."""
    from helpdesk.agents import actions as agents
    from helpdesk.extensions import db
    from helpdesk.inboxes.models import Inbox

    team = agents.add_team("Destek")
    agents.add_agent(EMAIL, "Bench Agent", "admin", [team.name], PASSWORD)
    inbox = Inbox(channel="email", name="Bench Support", address=SUPPORT, key="bench", team_id=team.id, enabled=False)
    db.session.add(inbox)
    db.session.commit()
    return inbox.id
