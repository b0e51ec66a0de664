"""``helpdesk mail``: one answer for each item, as soon as it was read."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpdesk.mail_cli import mail as commands
from tests.channels.mails import mail
from tests.rigs.wait import PATIENCE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def conversation(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "from helpdesk.mail_cli import mail; mail()", *request.param]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def ask(process: subprocess.Popen[bytes], item: bytes) -> object:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(item + b"\0")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@pytest.mark.parametrize("conversation", [["visible-reply", "--stdin0"]], indirect=True)
def test_visible_reply_answers_each_body_at_once(conversation: subprocess.Popen[bytes]) -> None:
    assert ask(conversation, b"Evet\n-- \nA") == {"visible": "Evet", "signature": "--\nA", "hidden": ""}
    assert ask(conversation, b"") == {"visible": "", "signature": "", "hidden": ""}
    assert ask(conversation, b"Yes\n\n> a\n> b\n> c") == {"visible": "Yes", "signature": "", "hidden": "> a\n> b\n> c"}


@pytest.mark.parametrize("conversation", [["sanitise", "--stdin0"]], indirect=True)
def test_sanitise_answers_each_document_at_once(conversation: subprocess.Popen[bytes]) -> None:
    assert ask(conversation, b"<script>x</script><p>a") == "<p>a</p>"
    assert ask(conversation, "<b>ş\n</b>".encode()) == "<b>ş\n</b>"


@pytest.mark.parametrize("conversation", [["inspect", "--stdin0"]], indirect=True)
def test_inspect_answers_each_file_at_once_also_one_that_is_missing(
    conversation: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    path = tmp_path / "ş mail.eml"
    path.write_bytes(mail("Konu", message_id="1@x"))
    found = ask(conversation, str(path).encode())
    assert isinstance(found, dict) and (found["subject"], found["from_name"]) == ("Konu", "Ayşe Yılmaz")
    assert "cannot be read" in str(ask(conversation, b"/nowhere"))
    assert isinstance(ask(conversation, str(path).encode()), dict)


def test_inspect_prints_every_named_fact(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(mail("Konu", message_id="1@x"))
    result = CliRunner().invoke(commands, ["inspect", str(path), "-"], input=b"\xff\x00")
    first, second = map(json.loads, result.stdout.splitlines())
    assert set(first) == set(
        "subject from from_name reply_to to cc date message_id in_reply_to references text html visible_reply signature "
        "attachments auto_submitted bounce authentication invitation protection defects".split()
    )
    assert first["bounce"] == {"is_bounce": False, "recipients": [], "original_message_id": ""}
    assert second["defects"] and result.exit_code == 0


def test_single_documents_are_answered_plainly() -> None:
    assert CliRunner().invoke(commands, ["sanitise"], input="<p>ş<script>").stdout == "<p>ş</p>\n"
    html = '<p>Evet</p><blockquote type="cite">eski</blockquote>'
    assert CliRunner().invoke(commands, ["visible-reply", "--html"], input=html).stdout == "Evet\n"
