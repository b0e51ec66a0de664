"""`bin/helpdesk received`: the ledger of everything that arrived."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from helpdesk.errors import NotFound
from helpdesk.extensions import db
from helpdesk.inboxes import quarantine
from helpdesk.inboxes.models import Received
from helpdesk.tickets.incoming import receive
from helpdesk.tickets.models import Message

received = AppGroup("received", help="The ledger: what arrived, exactly as it came.")
STATUSES = ("pending", "done", "ignored", "quarantined")


@received.command("list")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
def list_rows(status: str | None, limit: int) -> None:
    """List what arrived, newest first: id, status, time, bytes, inbox, key, error."""
    statement = select(Received).options(joinedload(Received.inbox)).order_by(Received.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Received.status == status)
    for row in db.session.scalars(statement):
        at = row.received_at.isoformat(timespec="seconds")
        fields = [row.id, row.status, at, row.size, row.inbox.address, row.source_key, row.error.split("\n")[0]]
        click.echo("\t".join(map(str, fields)).rstrip())


@received.command("show")
@click.argument("received_id", type=int)
@click.option("--raw", is_flag=True, help="Print nothing but the bytes as they came.")
def show(received_id: int, raw: bool) -> None:
    """Show one item: what became of it, and its bytes."""
    row = _row(received_id)
    if not raw:
        for name, value in _about(row):
            click.echo(f"{name + ':':14}{value}")
        click.echo()
    sys.stdout.flush()
    sys.stdout.buffer.write(bytes(row.raw))
    sys.stdout.buffer.flush()


@received.command("retry")
@click.argument("received_id", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that is quarantined.")
def retry(received_id: int | None, everything: bool) -> None:
    """Interpret an item again that is quarantined or waits, was given up, or was only kept as a copy or as history."""
    if everything == (received_id is not None):
        raise click.UsageError("Name one ID, or --all.")
    chosen = quarantine.ids() if received_id is None else [received_id]
    for row_id in chosen:
        receive.retry(row_id)
    for inbox_id in receive.due_inboxes():
        receive.drain(inbox_id)
    click.echo(_outcome(chosen))


def _outcome(ids: list[int]) -> str:
    db.session.rollback()
    states = list(db.session.scalars(select(Received.status).where(Received.id.in_(ids))))
    handled = sum(state in ("done", "ignored") for state in states)
    rest = " The others keep their error; see “received list”." if handled < len(ids) else ""
    return f"{handled} of {len(ids)} handled.{rest}"


def _row(received_id: int) -> Received:
    statement = select(Received).options(undefer(Received.raw), joinedload(Received.inbox))
    row = db.session.scalar(statement.where(Received.id == received_id))
    if row is None:
        raise NotFound(f"There is no item {received_id} in the ledger.")
    return row


def _about(row: Received) -> list[tuple[str, object]]:
    tickets = db.session.scalars(select(Message.ticket_id).where(Message.received_id == row.id)).all()
    return [
        ("id", row.id),
        ("inbox", f"{row.inbox_id} {row.inbox.address}"),
        ("key", row.source_key),
        ("received", row.received_at.isoformat()),
        ("status", f"{row.status} ({row.reason})" if row.reason else row.status),
        ("attempts", row.attempts),
        ("next attempt", row.next_attempt_at.isoformat() if row.next_attempt_at else "-"),
        ("ticket", ", ".join(f"#{number}" for number in tickets) or "-"),
        ("error", row.error or "-"),
        ("size", f"{row.size} bytes"),
        ("sha256", row.sha256.hex()),
    ]
