"""Makes .venv and installs requirement files into it. Runs on the machine's own Python: standard library only.

Safe when two start at once (the second waits), and after a crash: a file is noted as installed only when it is.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed"
NO_VENV = (
    "This Python ({python}) cannot make virtual environments; "
    "install the missing part (Debian, Ubuntu: apt install python3-venv) and try again."
)


class Hindrance(Exception):
    """What keeps us from making the environment, as a sentence."""


def main(files: list[str]) -> int:
    """Bring .venv up to date; returns the exit code."""
    try:
        with only_one_of_us():
            if not works():
                make()
            for name in files:
                install(name)
    except Hindrance as hindrance:
        print(hindrance, file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"Temas cannot write to {error.filename or VENV}; use a checkout that belongs to you.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Temas cannot make {VENV}: {error.strerror} ({error.filename}).", file=sys.stderr)
        return 1
    return 0


@contextmanager
def only_one_of_us() -> Iterator[None]:
    """Hold a lock on the project's folder itself, which leaves no file behind and ends with its holder."""
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def works() -> bool:
    """Tell whether .venv has a Python that runs and is new enough, with pip."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    try:
        return subprocess.run([PYTHON, "-c", check], capture_output=True).returncode == 0
    except OSError:
        return False


def make() -> None:
    """Make .venv anew. What is there does not work: half made, or its Python has gone."""
    if not os.access(ROOT, os.W_OK):
        raise PermissionError(13, "Permission denied", str(ROOT))
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of its venv
        import venv
    except ImportError as error:
        raise Hindrance(NO_VENV.format(python=sys.executable)) from error
    say("Making .venv …")
    if VENV.is_symlink():
        raise Hindrance(f"{VENV} is a link to something that is not a working environment; remove the link.")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        raise Hindrance(NO_VENV.format(python=sys.executable)) from error


def install(name: str) -> None:
    """Install one requirement file, unless exactly this was installed before."""
    wanted, noted = ROOT / name, INSTALLED / name
    if noted.exists() and noted.read_bytes() == wanted.read_bytes():
        return
    say(f"Installing the packages of {name} (only when they changed; the first time takes about a minute) …")
    INSTALLED.mkdir(exist_ok=True)
    content = wanted.read_bytes()
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "install", "-r", wanted], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Hindrance(explain(name, done.stderr))
    scratch = INSTALLED / f".{name}"
    scratch.write_bytes(content)
    scratch.replace(noted)


def explain(name: str, said: str) -> str:
    """Return why pip failed, in a sentence, with pip's own first complaint."""
    complaints = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines()[-1:]
    reason = complaints[0].removeprefix("ERROR: ") if complaints else "pip gave no reason"
    offline = ("Temporary failure in name resolution", "NewConnectionError", "Network is unreachable", "timed out")
    if any(sign in said for sign in offline):
        return f"The packages of {name} could not be fetched: no connection to the package index; try again online."
    if "No space left" in said:
        return f"The packages of {name} could not be installed: the disk is full."
    return f"The packages of {name} could not be installed: {reason}"


def say(sentence: str) -> None:
    """Tell what takes time, at once."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
