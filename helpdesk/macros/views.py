"""What a ticket's menu of macros asks for: what one would do, doing it, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from helpdesk import settings
from helpdesk.agents.session import me, only_agents
from helpdesk.macros import queries
from helpdesk.macros.run import plan, run, undo
from helpdesk.macros.sentences import sentences
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.change_views import optional_number

pages = Blueprint("macros", __name__, url_prefix="/tickets/<int:number>")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("/macros/<int:macro_id>")
def preview(number: int, macro_id: int) -> dict[str, Any]:
    """What it would do to this ticket now."""
    ticket, macro = tickets.get(me(), number), queries.get(me(), macro_id)
    wanted = plan(me(), ticket, macro)
    problems = [problem for written in (wanted.reply, wanted.note) if written for problem in written.problems]
    return {"name": macro.name, "does": sentences(ticket, wanted), "problems": problems}


@pages.post("/macros/<int:macro_id>")
def start(number: int, macro_id: int) -> tuple[dict[str, Any], int]:
    held = settings.current().undo_seconds
    done = run(me(), number, macro_id, seen_entry=optional_number("seen_entry"), undo_seconds=held)
    closed = done.after["status"] in ("solved", "closed") and done.before["status"] != done.after["status"]
    return {"run": done.id, "undo_seconds": held, "closed": closed}, 201


@pages.post("/macro-runs/<int:run_id>/undo")
def take_back(number: int, run_id: int) -> dict[str, Any]:
    return {"run": undo(me(), number, run_id).id}
