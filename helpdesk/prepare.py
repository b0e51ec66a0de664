"""Makes a database ready for use: the newest tables, and somebody who can sign in. Run by `bin/run` at every start."""

from __future__ import annotations

import argparse
import secrets
import sys

import redis
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import create_app, logs
from helpdesk.agents.actions import add_agent
from helpdesk.agents.models import Agent
from helpdesk.config import Settings, StartError
from helpdesk.extensions import db
from helpdesk.migrating import bring_up_to_date
from helpdesk.queue import connection

ADMIN = "admin@localhost"


def main() -> int:
    """Prepare the database; prints what the person at the console must know. Returns the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    try:
        settings = Settings.load()
        logs.configure(settings, "prepare")
        app = create_app(settings)
        with app.app_context():
            check_servers()
            bring_up_to_date(app)
            print(welcome(arguments.demo), end="")
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check_servers() -> None:
    """Raise StartError with a sentence when PostgreSQL or Redis cannot be used."""
    try:
        encoding = db.session.scalar(text("show server_encoding"))
        version = int(db.session.scalar(text("show server_version_num")) or 0)
    except SQLAlchemyError as error:
        raise StartError(f"The database cannot be used: {reason(error)} Check DATABASE_URL.") from error
    if encoding != "UTF8":
        raise StartError(f"The database has the encoding {encoding}, but Temas needs UTF8.")
    if version < 150_000:
        raise StartError(f"The database is PostgreSQL {version // 10_000}, but Temas needs 15 or newer.")
    try:
        connection().ping()
    except redis.RedisError as error:
        raise StartError(f"Redis cannot be used: {reason(error)} Check REDIS_URL.") from error


def welcome(demo: bool) -> str:
    """Make the first accounts when there are none; return the lines that tell how to sign in."""
    if db.session.scalar(select(Agent.id).limit(1)) is not None:
        return "The database is not empty, so --demo changed nothing.\n" if demo else ""
    if demo:
        from helpdesk.demo import fill

        return f"{fill()}\n"
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    add_agent(ADMIN, "Admin", "admin", [], password)
    return f"Sign in as {ADMIN} with the password {password} (shown only this once; change it in your profile).\n"


def reason(error: Exception) -> str:
    """Return the server's own words in one line, as a sentence."""
    words = str(error.__cause__ or error).strip().splitlines()[0].strip()
    return words if words.endswith(".") else f"{words}."


if __name__ == "__main__":
    sys.exit(main())
