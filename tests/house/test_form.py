"""The form of the code: lint, layout and types."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helpdesk.config import ROOT


def checked(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    checked("ruff", "check", "--no-cache", ".")


def test_everything_is_laid_out_by_ruff() -> None:
    checked("ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.timeout(600)
def test_types_are_strict_and_right() -> None:
    checked("mypy")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_exactly(name: str) -> None:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    loose = [line for line in lines if line and not line.startswith(("#", "-r")) and "==" not in line]
    assert loose == []
