"""The pages of customers: finding one, his one timeline across all channels, and who he is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from channels import registry
from helpdesk.agents.models import Agent
from helpdesk.agents.session import me, only_agents
from helpdesk.customers import actions, form, merge, queries, reach
from helpdesk.customers.models import Customer
from helpdesk.errors import Conflict, HelpdeskError, Invalid
from helpdesk.extensions import db
from helpdesk.forms import numbers
from helpdesk.surveys import responses
from helpdesk.tickets import life, search
from helpdesk.tickets.models import Entry

pages = Blueprint("customers", __name__, url_prefix="/customers")
pages.before_request(only_agents)

LISTED, TICKETS, ANSWERS = 50, 20, 50


def install(app: Flask) -> None:
    app.register_blueprint(pages)
    app.jinja_env.filters.update(fact=form.as_text, groupby_day=_by_day)
    app.jinja_env.globals.update(wrote=_wrote)


@pages.get("")
def index() -> str:
    words = request.args.get("q", "")
    found = queries.listed(me(), words=words, cursor=request.args.get("cursor"), limit=LISTED)
    standings = life.standings(me(), [one.id for one in found.items])
    return render_template("customers/index.html", page=found, standings=standings, sought=words, here="customers")


@pages.get("/<int:customer_id>")
def customer(customer_id: int) -> str | Response:
    found = queries.get(me(), customer_id)
    if found.merged_into_id is not None:
        return redirect(url_for("customers.customer", customer_id=found.merged_into_id))
    return _page(found)


@pages.get("/<int:customer_id>/edit")
def edit(customer_id: int) -> str:
    found = queries.get(me(), customer_id)
    return _page(found, values=form.of(found))


@pages.post("/<int:customer_id>")
def save(customer_id: int) -> Response | tuple[str, int]:
    typed = form.typed(request.form)
    try:
        actions.change(me(), customer_id, form.values(typed, queries.get(me(), customer_id)))
    except (Invalid, Conflict) as refusal:
        return _refused(customer_id, refusal, values=typed)
    return _saved(customer_id, _("Saved."))


@pages.post("/<int:customer_id>/identities")
def add_identity(customer_id: int) -> Response | tuple[str, int]:
    channel, address = request.form.get("channel", ""), request.form.get("address", "")
    present = [actions.Known(one.channel, one.address, one.verified_at is not None) for one in
               queries.get(me(), customer_id).identities]  # fmt: skip
    try:
        actions.change(me(), customer_id, {}, [*present, actions.Known(channel, address)])
    except (Invalid, Conflict) as refusal:
        return _refused(customer_id, refusal, identity={"channel": channel, "address": address})
    return _saved(customer_id, _("The address is added."))


@pages.post("/<int:customer_id>/identities/<int:identity_id>/reachable")
def reachable(customer_id: int, identity_id: int) -> Response:
    reach.clear(me(), customer_id, identity_id)
    return _saved(customer_id, _("The address counts as working again."))


@pages.get("/<int:customer_id>/merge")
def choose(customer_id: int) -> str:
    kept, words = queries.get(me(), customer_id), request.args.get("q", "")
    found = queries.listed(me(), words=words, limit=LISTED).items if words.strip() else []
    others = [one for one in found if one.id != kept.id]
    standings = life.standings(me(), [one.id for one in [kept, *others]])
    return render_template(
        "customers/merge.html", customer=kept, others=others, sought=words, standings=standings, here="customers"
    )


@pages.post("/<int:customer_id>/merge")
def merge_with(customer_id: int) -> Response:
    chosen = numbers([request.form.get("other", "")])
    merge.merge(me(), customer_id, chosen[0] if chosen else 0)
    return _saved(customer_id, _("The two are one customer now."))


@pages.post("/merges/<int:merge_id>/undo")
def undo(merge_id: int) -> Response:
    undone = merge.undo(me(), merge_id)
    return _saved(undone.kept_id, _("They are two customers again."))


def _saved(customer_id: int, sentence: str) -> Response:
    flash(sentence, "done")
    return redirect(url_for("customers.customer", customer_id=customer_id), 303)


def _refused(customer_id: int, refusal: HelpdeskError, **typed: Any) -> tuple[str, int]:
    db.session.rollback()
    return _page(
        queries.get(me(), customer_id), errors=refusal.errors or {"name": [refusal.detail]}, **typed
    ), refusal.status


def _page(
    found: Customer,
    *,
    values: Mapping[str, Any] | None = None,
    identity: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
) -> str:
    kind = request.args.get("kind", "all")
    kind = kind if kind in life.KINDS else "all"
    return render_template(
        "customers/customer.html",
        customer=found,
        kind=kind,
        counts=life.counts(me(), found.id),
        life=life.page(me(), found.id, kind, request.args.get("cursor")),
        tickets=search.listed(me(), [{"field": "customer", "op": "is", "value": found.id}], limit=TICKETS),
        answers=responses.listed(me(), customer=found.id, limit=ANSWERS).items,
        merged=_merged(found),
        channels=registry.kinds(),
        values=values,
        identity=identity,
        errors=errors or {},
        here="customers",
    )


def _by_day(entries: Iterable[Entry]) -> list[tuple[date, list[Entry]]]:
    """Entries under their days, in their order."""
    return [(day, list(group)) for day, group in groupby(entries, key=lambda entry: entry.occurred_at.date())]


def _wrote(entry: Entry) -> Markup:
    """Who said this, in the words of its direction."""
    direction = entry.message.direction if entry.message else ""
    sentence = _("%(who)s added a note") if direction == "note" else _("%(who)s wrote")
    if direction == "outbound":
        sentence = _("%(who)s answered")
    return Markup(sentence) % {"who": Markup("<b>{}</b>").format(entry.actor_name or "Temas")}  # noqa: S704  # Markup's % escapes


def _merged(found: Customer) -> dict[str, Any] | None:
    """The last merge into this customer that could be undone, and who made it."""
    latest = queries.latest_merge(found)
    if latest is None:
        return None
    agent = db.session.get(Agent, latest.agent_id) if latest.agent_id is not None else None
    return {"merge": latest, "other": db.session.get_one(Customer, latest.merged_id), "agent": agent}
