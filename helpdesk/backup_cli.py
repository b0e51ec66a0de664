"""`bin/helpdesk backup|restore`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from helpdesk import backup as backups
from helpdesk import migrating

file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command("backup")
@file_argument
@with_appcontext
def backup(file: Path) -> None:
    """Write everything to one FILE: the database with all attachments, and the secret key. Keep it safe."""
    about = backups.write(file.expanduser().absolute())
    click.echo(f"Wrote {file} ({about.size / 1_000_000:.1f} MB). It holds every message and the key to stored passwords.")


@click.command("restore")
@file_argument
@click.option("--force", is_flag=True, help="Replace what the database holds.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Bring back what a backup FILE holds. Temas must not be running."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    about = backups.restore(file.expanduser().absolute(), force=force, knows=partial(migrating.knows, app))
    migrating.bring_up_to_date(app)
    click.echo(f"Restored {file}, made {about.made_at} by Temas {about.version}.")
