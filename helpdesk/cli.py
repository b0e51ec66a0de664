"""`bin/helpdesk`: the admin's command line. A group is imported when it is used.

A command of a `flask.cli.AppGroup` gets an application, and with it running servers; one that says
`with_appcontext=False` gets neither, and starts at once.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.config import Settings, StartError

if TYPE_CHECKING:
    from flask import Flask

COMMANDS = {
    "agents": "helpdesk.agents.cli:agents",
    "teams": "helpdesk.agents.cli:teams",
    "tokens": "helpdesk.agents.cli:tokens",
    "demo": "helpdesk.demo.cli:demo",
    "inboxes": "helpdesk.inboxes.cli:inboxes",
    "received": "helpdesk.inboxes.received_cli:received",
    "reconcile": "helpdesk.inboxes.cli:reconcile",
    "mail": "helpdesk.mail_cli:mail",
    "backup": "helpdesk.backup_cli:backup",
    "restore": "helpdesk.backup_cli:restore",
    "db": "flask_migrate.cli:db",
    "routes": "flask.cli:routes_command",
    "shell": "flask.cli:shell_command",
}
"""What there is: name -> where. One line for each."""


class Commands(click.Group):
    """Imports a command when it is asked for, and says refusals in a sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command with this name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what Temas refuses ends it with exit code 1 and a sentence."""
        try:
            return super().invoke(ctx)
        except StartError as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            sentence = _refusal(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (TEMAS_DATA, else var).")
@click.pass_context
def cli(ctx: click.Context, data: Path | None) -> None:
    """Look after a Temas installation."""
    from flask.cli import ScriptInfo

    environ = dict(os.environ) | ({"TEMAS_DATA": str(data.expanduser().absolute())} if data else {})
    ctx.obj = ScriptInfo(create_app=lambda *_: _application(ctx, environ))


def _application(ctx: click.Context, environ: dict[str, str]) -> Flask:
    """Make the application on servers that run at least as long as the command, with the newest tables."""
    from helpdesk import create_app, logs
    from helpdesk.embedded import servers
    from helpdesk.migrating import bring_up_to_date
    from helpdesk.prepare import check_servers

    settings = ctx.with_resource(servers(Settings.load(environ)))
    logs.configure(replace(settings, log_level="warning") if not settings.log_file else settings, "command")
    app = create_app(settings)
    with app.app_context():
        check_servers()
        bring_up_to_date(app)
    return app


def _refusal(error: Exception) -> str | None:
    """Return the sentence of an expected refusal, with those of its fields."""
    from helpdesk.errors import HelpdeskError

    if not isinstance(error, HelpdeskError):
        return None
    fields = [f"{name}: {sentence}" for name, sentences in error.errors.items() for sentence in sentences]
    return "\n".join([error.detail, *(line for line in fields if error.detail not in line)])


if __name__ == "__main__":
    cli(prog_name="bin/helpdesk")
    sys.exit(0)
