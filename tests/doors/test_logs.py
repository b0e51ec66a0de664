"""Logs are JSON lines that name no customer and no secret."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.redact import redact, redact_event
from tests.doors.running import ROOT, environment

LOGGING = """
import logging, structlog
from helpdesk import logs
from helpdesk.config import Settings
logs.configure(Settings.load(), "trial")
structlog.get_logger("ours").info("mail_stored", sender="ayse@example.com", ticket=1042, note="to ayse@example.com")
logging.getLogger("library").warning("login of %s failed", "ayse@example.com")
structlog.get_logger().debug("unheard")
raise ValueError("password=hunter2hunter2")
"""


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("to ayse.yılmaz@örnek.com.tr now", "yılmaz"),
        ("called +90 532 123 45 67", "532"),
        ("postgresql://temas:hunter2@/temas", "hunter2"),
        ("Authorization: Bearer temas_abcdefgh", "abcdefgh"),
        ("api_key=hunter2&x=1", "hunter2"),
        ("POST /hooks/Zk3b9fGh2LmNpQrStUvWxYz01", "Zk3b9"),
        ("duplicate key\nDETAIL:  Key (email)=(Ayşe) already exists.", "Ayşe"),
        ("[SQL: insert] [parameters: {'text': 'Merhaba\n'}]", "Merhaba"),
    ],
)
def test_private_things_are_taken_out(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_private_keys_are_taken_out_at_every_depth_and_the_rest_stays() -> None:
    event = redact_event(None, "info", {"ticket": 1042, "ok": True, "rows": [{"body": "Merhaba", "n": 1.5}]})
    assert event == {"ticket": 1042, "ok": True, "rows": [{"body": "[private]", "n": 1.5}]}


def test_our_lines_and_those_of_libraries_and_crashes_are_alike(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "temas.log"
    environ = environment(TEMAS_DATA=str(tmp_path), TEMAS_LOG_FILE=str(log))
    subprocess.run([sys.executable, "-c", LOGGING], env=environ, cwd=ROOT, capture_output=True, check=False)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["mail_stored", "login of [address] failed", "crashed"]
    assert lines[0]["ticket"] == 1042
    assert {line["process"] for line in lines} == {"trial"}
    assert {line["timestamp"][-1] for line in lines} == {"Z"}
    assert "ayse" not in log.read_text()
    assert "hunter2" not in log.read_text()
