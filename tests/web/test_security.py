"""What every answer carries, what a browser may load, and who is let in."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk import assets, web_security
from helpdesk.config import Settings
from helpdesk.extensions import db
from tests.cast import PASSWORD, Cast, sign_in

ROOT = Path(__file__).parents[2]


def test_vendored_files_are_the_ones_in_the_manifest() -> None:
    for folder in (ROOT / "helpdesk/static/vendor", ROOT / "tests/ui/vendor"):
        listed = {file["file"]: file["sha256"] for file in json.loads((folder / "MANIFEST.json").read_text())["files"]}
        there = {path.name for path in folder.iterdir() if path.name != "MANIFEST.json"}
        assert there == set(listed)
        for name, sum_ in listed.items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sum_, name


def test_first_load_stays_within_its_budget(app: Flask) -> None:
    with app.test_request_context():
        scripts = [url.removeprefix("/static/").split("?")[0] for url in assets.preloads()]
    styles = [f"css/{name}.css" for name in assets.STYLES]
    assert _gzipped(scripts) <= 70_000
    assert _gzipped(styles) <= 25_000
    assert _gzipped(["vendor/editor.js", "js/editor.js"]) <= 145_000


def test_pages_forbid_inline_code(client: FlaskClient) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_hash_of_turbos_style_is_that_of_the_vendored_turbo() -> None:
    """The text stands in Turbo as a template; a new Turbo must bring a new hash."""
    source = (assets.STATIC / "vendor/turbo.js").read_text()
    start = source.index(".turbo-progress-bar")
    assert hashlib.sha256(source[start : source.index("`", start)].encode()).hexdigest()[:16] == "273aa6b585b76881"
    assert web_security.TURBO_PROGRESS_STYLE.startswith("sha256-")


def test_a_file_named_by_its_content_is_kept_for_ever(client: FlaskClient) -> None:
    url = assets.asset("css/base.css")
    answer = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == (assets.STATIC / "css/base.css").read_bytes()
    assert client.get("/static/css/base.css?v=old").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/", "/inbox", "/inbox/rows", "/inbox/counts", "/tickets/1001", "/tickets/1001/entries", "/profile"]
)
def test_strangers_are_sent_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login")
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 401


def test_sign_in_goes_where_the_person_wanted_but_never_elsewhere(client: FlaskClient, cast: Cast) -> None:
    form = {"email": "burak@lodosev.example", "password": PASSWORD}
    assert client.post("/login?next=/profile", data=form).location == "/profile"
    client.post("/logout")
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert client.post("/login", query_string={"next": evil}, data=form).location == "/"
        client.post("/logout")


def test_a_wrong_password_says_so_and_keeps_the_address(client: FlaskClient, cast: Cast) -> None:
    answer = client.post("/login", data={"email": "burak@lodosev.example", "password": "wrong"})
    assert answer.status_code == 401
    assert "do not match" in answer.text
    assert 'value="burak@lodosev.example"' in answer.text


def test_guessing_one_account_is_throttled(client: FlaskClient, cast: Cast) -> None:
    form = {"email": "burak@lodosev.example", "password": "wrong"}
    statuses = {client.post("/login", data=form).status_code for _ in range(12)}
    assert 429 in statuses
    page = client.post("/login", data=form)
    assert "Wait a minute" in page.text


GUESS = """
from helpdesk import create_app
app = create_app()
app.config.update(WTF_CSRF_ENABLED=False)
form = {"email": "burak@lodosev.example", "password": "wrong"}
print(*{app.test_client().post("/login", data=form).status_code for _ in range(12)})
"""


def test_guessing_is_throttled_while_redis_is_away(server_settings: Settings, cast: Cast) -> None:
    away = {
        "DATABASE_URL": server_settings.database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "nobody guesses this",
    }
    environ = os.environ | away | {"TEMAS_DATA": str(server_settings.data)}
    guesses = subprocess.run(
        [sys.executable, "-c", GUESS], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert set(guesses.stdout.split()) == {"401", "429"}


def test_a_deactivated_agent_is_out_at_once(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    assert client.get("/inbox").status_code == 200
    cast.burak.active = False
    db.session.commit()
    assert client.get("/inbox").status_code == 302


def test_theme_density_and_language_are_kept(client: FlaskClient, cast: Cast) -> None:
    sign_in(client, cast.burak)
    client.post("/profile", data={"theme": "dark", "density": "compact", "language": "tr"})
    page = client.get("/inbox").text
    assert 'lang="tr"' in page
    assert 'data-theme="dark"' in page
    assert 'data-density="compact"' in page
    assert "Gelen kutusu" in page


def test_a_new_password_signs_other_sessions_out(app: Flask, client: FlaskClient, cast: Cast) -> None:
    other = app.test_client()
    sign_in(client, cast.burak)
    sign_in(other, cast.burak)
    answer = client.post("/profile/password", data={"old": PASSWORD, "new": "a much longer sentence"})
    assert answer.status_code == 303
    assert client.get("/inbox").status_code == 200
    assert other.get("/inbox").status_code == 302


def test_errors_say_what_happened_what_is_safe_and_what_to_do(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "tr"})
    assert page.status_code == 404
    assert "Bulunamadı" in page.text
    assert "Numarayı denetleyin" in page.text
    problem = client.get("/nowhere", headers={"Accept": "application/json"})
    assert problem.mimetype == "application/problem+json"
    assert problem.json is not None
    assert set(problem.json) >= {"type", "title", "status", "detail"}


def _gzipped(files: list[str]) -> int:
    return sum(len(gzip.compress((assets.STATIC / file).read_bytes())) for file in files)


@pytest.mark.parametrize("email", ["nobody\0@lodosev.example", "\ud800@x", "x" * 100_000])
def test_an_address_that_nobody_can_have_is_a_failed_sign_in(client: FlaskClient, cast: Cast, email: str) -> None:
    body = f"email={quote_plus(email, errors='surrogatepass')}&password={PASSWORD}"
    sent = client.post("/login", data=body, content_type="application/x-www-form-urlencoded")
    assert sent.status_code == 401
