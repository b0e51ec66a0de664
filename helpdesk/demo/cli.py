"""`bin/helpdesk demo` fills an empty database, `bin/helpdesk demo mail` lets mails come in."""

from __future__ import annotations

import threading

import click
from flask.cli import AppGroup, with_appcontext


@click.group("demo", cls=AppGroup, invoke_without_command=True)
@click.pass_context
@with_appcontext
def demo(ctx: click.Context) -> None:
    """Fill an empty database with a realistic small company."""
    if ctx.invoked_subcommand is None:
        from helpdesk.prepare import welcome

        click.echo(welcome(demo=True), nl=False)


@demo.command("mail")
@click.option("--count", default=1, show_default=True, help="How many mails.")
@click.option("--every", default=5.0, show_default=True, help="Seconds between them.")
def mail(count: int, every: float) -> None:
    """Let customers' mails come in to the demo's inboxes, to see the queue move without a mail server."""
    from helpdesk.demo import feed

    for number in range(count):
        if number:
            threading.Event().wait(every)
        feed.add()
        click.echo(f"Mail {number + 1} of {count} is in.")
