"""`bin/helpdesk backup|restore`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from helpdesk import backup as backups
from helpdesk.prepare import bring_up_to_date

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
    about = backups.restore(file.expanduser().absolute(), force=force)
    bring_up_to_date()
    click.echo(f"Restored {file}, made {about.made_at} by Temas {about.version}.")
