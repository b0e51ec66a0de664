"""`bin/helpdesk inboxes|received|reconcile`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from channels import registry
from channels.base import CheckStep
from channels.failures import ChannelFailure
from helpdesk.agents import find
from helpdesk.errors import Invalid, NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import actions, health, hook_urls
from helpdesk.inboxes.check import way_of
from helpdesk.inboxes.models import Inbox
from helpdesk.inboxes.problems import Way, trouble
from helpdesk.inboxes.queries import connector
from helpdesk.inboxes.reconcile import reconcile as compare

inboxes = AppGroup("inboxes", help="Addresses where customers write.")


@inboxes.command("add")
@click.argument("channel")
@click.option("--name", required=True, help="Customers see it as the sender.")
@click.option("--address", required=True)
@click.option("--team", help="Whose tickets they become; nobody's if left out.")
@click.option("--language", type=click.Choice(["en", "tr"]), default="en", show_default=True)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting; @FILE reads the value from a file.")
def add(channel: str, name: str, address: str, team: str | None, language: str, settings: tuple[str, ...]) -> None:
    """Add an inbox; prints its id and, for a channel fed by a webhook, its hook URL."""
    inbox = actions.add(
        channel, name, address, team_id=_team_id(team), values=dict(map(_setting, settings)), language=language
    )
    click.echo(inbox.id)
    if (url := hook_urls.of(inbox)) is not None:
        click.echo(url)


@inboxes.command("list")
def list_all() -> None:
    """List the inboxes: id, channel, address, team, and whether they receive and send."""
    for inbox in db.session.scalars(select(Inbox).order_by(Inbox.id)):
        team = inbox.team.name if inbox.team else "-"
        states = f"receive: {inbox.receive_state}, send: {inbox.send_state}" if inbox.enabled else "paused"
        click.echo(f"{inbox.id}\t{inbox.channel}\t{inbox.address}\t{team}\t{states}")


@inboxes.command("check")
@click.argument("inbox_id", type=int)
@click.option("--send-to", metavar="ADDRESS", help="Send a test message there; else sending is tried up to the login.")
def check(inbox_id: int, send_to: str | None) -> None:
    """Try to receive and to send, and say what is wrong. Exit code 1 when something is."""
    inbox = _inbox(inbox_id)
    channel = connector(inbox)
    db.session.rollback()
    steps = []
    for step in channel.check(send_to=send_to):
        click.echo(_line(step))
        steps.append(step)
    failed = [step for step in steps if step.ok is False]
    _note(inbox_id, steps)
    for step in failed:
        problem = trouble(way_of(step), step.code or "rejected", step.detail)
        click.echo("\n".join(["", f"{problem.title}.", problem.safe, *problem.todo]))
    sys.exit(1 if failed else 0)


@click.command("reconcile")
@click.argument("inbox_id", type=int, required=False)
@with_appcontext
def reconcile(inbox_id: int | None) -> None:
    """Compare the ledger with the server and fetch what is missing, for one inbox or all that listen."""
    everyone = db.session.scalars(select(Inbox).where(Inbox.enabled).order_by(Inbox.id)).all()
    chosen = [_inbox(inbox_id)] if inbox_id is not None else [inbox for inbox in everyone if _listens(inbox)]
    failed = False
    for name, inbox in [(f"{inbox.address}: " if len(chosen) > 1 else "", inbox) for inbox in chosen]:
        found = compare(inbox)
        for source, problem in found.problems.items():
            click.echo(f"{name}{source}: {trouble('receive', problem['code']).title}. {problem['detail']}", err=True)
        failed = failed or bool(found.problems)
        if len(found.problems) < found.sources:
            click.echo(
                f"{name}server {found.server}, stored {found.stored}, missing {found.missing}, fetched {found.fetched}"
            )
    sys.exit(1 if failed else 0)


def _listens(inbox: Inbox) -> bool:
    return registry.get(inbox.channel).capabilities.listens


def _inbox(inbox_id: int) -> Inbox:
    inbox = db.session.get(Inbox, inbox_id)
    if inbox is None:
        raise NotFound(f"There is no inbox {inbox_id}; see “inboxes list”.")
    return inbox


def _team_id(name: str | None) -> int | None:
    if name is None:
        return None
    team = find.team(name)
    if team is None:
        raise Invalid(f"There is no team called “{name}”; add it with “teams add”.")
    return team.id


def _setting(given: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator or not name:
        raise Invalid(f"“{given}” is not KEY=VALUE.")
    if value.startswith("@"):
        with click.open_file(value[1:]) as file:
            return name, file.readline().rstrip("\r\n")
    return name, value


def _line(step: CheckStep) -> str:
    state = {True: "ok", False: "FAILED", None: "not tried"}[step.ok]
    return f"{step.step:12} {state:10} {f'{step.milliseconds} ms' if step.ok is not None else '':>8}  {step.detail}".rstrip()


def _note(inbox_id: int, steps: list[CheckStep]) -> None:
    """The inbox's lamps show what was found, as if its listener had found it."""
    ways: tuple[Way, ...] = ("receive", "send")
    for way in ways:
        ours = [step for step in steps if way_of(step) == way]
        failed = next((step for step in ours if step.ok is False), None)
        if failed is not None:
            health.failing(inbox_id, way, ChannelFailure(failed.code or "rejected", failed.detail))
        elif ours and all(step.ok for step in ours if step.step != "send"):
            health.working(inbox_id, way)
