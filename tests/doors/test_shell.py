"""The shell half of the doors: finding a Python, making the environment, and saying what is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doors.running import ROOT

OLD = """#!/bin/sh
case "$2" in *version_info\\[:2\\]*) echo 3.9;; *) exit 1;; esac
"""
NO_VENV = """
import runpy, sys
sys.modules["ensurepip"] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
DOOR = """#!/bin/sh
requirements=requirements.txt
. "$(dirname -- "$0")/venv.sh"
exec "$python" -c "import sys; print(sys.prefix)"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project with a door of its own that needs nothing from the network."""
    root = tmp_path / "a checkout"
    (root / "bin").mkdir(parents=True)
    for name in ("venv.sh", "make_venv.py"):
        shutil.copy(ROOT / "bin" / name, root / "bin" / name)
    (root / "bin" / "door").write_text(DOOR)
    (root / "requirements.txt").write_text("# nothing\n")
    return root


def open_door(root: Path, python: str = sys.executable, path: str = "/usr/bin:/bin", **more: str) -> tuple[int, str]:
    environ = {"PATH": path, "TEMAS_PYTHON": python, **more}
    done = subprocess.run(["sh", root / "bin" / "door"], env=environ, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_two_at_once_make_one_environment_and_a_half_made_one_is_repaired(checkout: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "TEMAS_PYTHON": sys.executable}
    both = [
        subprocess.Popen(["sh", checkout / "bin" / "door"], env=environ, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == [str(checkout / ".venv")] * 2
    (checkout / ".venv" / "bin" / "python").unlink()
    code, said = open_door(checkout)
    assert (code, "Making .venv" in said) == (0, True)
    assert open_door(checkout) == (0, f"{checkout / '.venv'}\n")
    (checkout / "requirements.txt").write_text("no-such-package-of-temas==1.0\n")
    code, said = open_door(checkout, PIP_NO_INDEX="1")
    assert code == 1
    assert "The packages of requirements.txt could not be installed: " in said


def test_an_old_python_is_named(checkout: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "old", "python3", OLD)
    code, said = open_door(checkout, python=str(old))
    assert code == 1
    assert said.startswith(f"Temas needs Python 3.11 or newer, but {old} is 3.9; install it")


def test_no_python_at_all_is_a_sentence(checkout: Path) -> None:
    code, said = open_door(checkout, python="no-python-here")
    assert (code, "there is no python3" in said) == (1, True)


def test_a_python_that_cannot_make_environments_is_a_sentence(checkout: Path) -> None:
    command: list[str | Path] = [sys.executable, "-c", NO_VENV, checkout / "bin" / "make_venv.py", "requirements.txt"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "apt install python3-venv" in done.stderr) == (1, True)
    assert not (checkout / ".venv").exists()
