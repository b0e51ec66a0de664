"""Rows of the queues as HTML, kept for as long as their ticket does not change: many agents look at the same ones."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from flask import Flask, render_template
from flask_babel import get_locale
from markupsafe import Markup

from helpdesk.tickets.models import Ticket

KEPT = 2_000  # rows in each process, about two kilobytes each

_rows: OrderedDict[tuple[Any, ...], Markup] = OrderedDict()


def install(app: Flask) -> None:
    app.jinja_env.globals["row_of"] = row_of


def row_of(ticket: Ticket) -> Markup:
    """The ticket's row in the reader's language; equal for all who may see it, so it is rendered once a version.

    The names of people on it are part of the key: they change without the ticket.
    """
    key = (ticket.id, ticket.version, ticket.updated_at, str(get_locale()), ticket.customer.display_name,
           ticket.assignee.name if ticket.assignee else None)  # fmt: skip
    row = _rows.get(key)
    if row is None:
        row = _rows[key] = Markup(render_template("tickets/_row.html", ticket=ticket))  # noqa: S704 - our own template
        if len(_rows) > KEPT:
            _rows.popitem(last=False)
    return row
