"""Pages of a mail that came as a file of another."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, render_template

from helpdesk.agents.session import me, only_agents
from helpdesk.file_names import danger, disposition, shown_name
from helpdesk.tickets.framing import framed
from helpdesk.tickets.incoming import enclosed
from helpdesk.tickets.shown import File
from helpdesk.web_security import FILE_POLICY, MAIL_POLICY

pages = Blueprint("enclosed", __name__, url_prefix="/enclosed/<int:attachment_id>")
pages.before_request(only_agents)


def install(app: Flask) -> None:
    app.register_blueprint(pages)


@pages.get("")
def page(attachment_id: int) -> str:
    found = enclosed.read(me(), attachment_id)
    files = [
        File(shown_name(file.filename), len(file.data), f"/enclosed/{attachment_id}/{index}", "", danger(file.filename), "")
        for index, file in enumerate(found.mail.attachments)
        if not file.inline
    ]
    return render_template("tickets/enclosed.html", mail=found.mail, file=found.file, message=found.message, files=files)


@pages.get("/frame")
def frame(attachment_id: int) -> Response:
    found = enclosed.read(me(), attachment_id)
    html, said, _more = framed(found.message.id, found.mail.html, enclosed.embedded(found.mail), "never")
    response = make_response(render_template("tickets/mail.html", html=html, said=said, more=False))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@pages.get("/<int:index>")
def file(attachment_id: int, index: int) -> Response:
    found = enclosed.part(enclosed.read(me(), attachment_id), index)
    response = make_response(found.data)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = disposition(found.filename, inline=False)
    response.headers["Content-Security-Policy"] = FILE_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
