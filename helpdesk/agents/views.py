"""Signing in and out, and an agent's own settings: language, theme, density, password."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from helpdesk import connections, settings
from helpdesk.agents import trust
from helpdesk.agents.passwords import SHORTEST, is_password, set_password
from helpdesk.agents.session import me, only_agents
from helpdesk.agents.sign_in import authenticate
from helpdesk.errors import Invalid
from helpdesk.extensions import db, limiter
from helpdesk.folding import storable
from helpdesk.i18n import LANGUAGES

pages = Blueprint("agents", __name__)
OPEN_TO_ALL = ("agents.login", "agents.sign_in")
THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")


def install(app: Flask) -> None:
    app.register_blueprint(pages)


def _typed_address() -> str:
    return storable(request.form.get("email", ""), 320).strip().lower()


@pages.before_request
def _only_agents() -> Response | None:
    return None if request.endpoint in OPEN_TO_ALL else only_agents()


@pages.get("/login")
def login() -> str | Response:
    if current_user.is_authenticated:
        return redirect(_destination())
    return render_template("agents/login.html", next=request.args.get("next"), email="", errors=[])


@pages.post("/login")
@limiter.limit("20 per minute")
@limiter.limit("10 per 10 minutes", key_func=_typed_address, deduct_when=lambda response: response.status_code == 401)
def sign_in() -> Response | tuple[str, int]:
    agent = authenticate(_typed_address(), request.form.get("password", ""))
    if agent is None:
        errors = [_("Email and password do not match.")]
        page = render_template("agents/login.html", next=request.args.get("next"), email=_typed_address(), errors=errors)
        return page, 401
    login_user(agent, remember=False)
    return redirect(_destination(), 303)


@pages.post("/logout")
def logout() -> Response:
    logout_user()
    return redirect(url_for("agents.login"), 303)


@pages.get("/profile")
def profile() -> str:
    return _profile({})


@pages.post("/profile")
def save_profile() -> Response:
    form = request.form
    for field, allowed in (("language", LANGUAGES), ("theme", THEMES), ("density", DENSITIES)):
        if form.get(field) in allowed:
            setattr(current_user, field, form[field])
    db.session.commit()
    with force_locale(current_user.language or "en"):
        flash(_("Saved."), "done")
    return redirect(url_for("agents.profile"), 303)


@pages.post("/profile/password")
@limiter.limit("10 per 10 minutes")
def change_password() -> Response | tuple[str, int]:
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        if not is_password(current_user, old):
            raise Invalid(_("This is not your present password."), errors={"old": [_("This is not your present password.")]})
        set_password(current_user, new)
    except Invalid as refusal:
        return _profile(refusal.errors), refusal.status
    connections.end([me().id])
    db.session.commit()
    login_user(me())  # the agent himself: Flask-Login would keep the proxy and ask it for ever
    flash(_("Your password is changed; other sessions were signed out."), "done")
    return redirect(url_for("agents.profile"), 303)


@pages.post("/profile/senders")
def trust_sender() -> Response | tuple[str, int]:
    try:
        trust.trust(me(), request.form.get("sender", ""))
    except Invalid as refusal:
        return _profile(refusal.errors or {"sender": [refusal.detail]}), refusal.status
    db.session.commit()
    return redirect(url_for("agents.profile"), 303)


@pages.post("/profile/senders/removal")
def distrust_sender() -> Response:
    trust.distrust(me(), request.form.get("sender", ""))
    db.session.commit()
    return redirect(url_for("agents.profile"), 303)


def _profile(errors: Mapping[str, list[str]]) -> str:
    trusted = trust.senders(me()) if settings.current().remote_images == "ask" else None
    return render_template("agents/profile.html", errors=errors, here="profile", least=SHORTEST, trusted=trusted)


def _destination() -> str:
    """Where the person wanted to go, if that is a path of this site (never an address elsewhere)."""
    wanted = request.args.get("next") or ""
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if is_ours else "/"
