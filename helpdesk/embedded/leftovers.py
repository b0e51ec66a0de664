"""Servers of a predecessor that was killed: recognised by pid, name and folder, then stopped."""

import os
import signal
import subprocess
import time
from pathlib import Path

SECONDS = 60


def stop_leftover(pid_file: Path, folder: Path, names: tuple[str, ...], stop_signal: signal.Signals) -> bool:
    """Stop the server that `pid_file` names, if it still runs and is one of `names` working in `folder`.

    Returns whether there was one. It is killed when it does not stop within a minute; another process that has got
    the same pid since is left alone.
    """
    pid = _pid(pid_file)
    if pid is None or not is_server(pid, folder, names):
        return False
    for sent, seconds in ((stop_signal, SECONDS), (signal.SIGKILL, SECONDS)):
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            return True
        if _gone(pid, folder, names, seconds):
            return True
    raise TimeoutError(f"process {pid} does not stop")


def is_server(pid: int, folder: Path, names: tuple[str, ...]) -> bool:
    """Tell whether `pid` is a running process with one of `names` whose working directory is `folder`."""
    try:
        if Path("/proc/self").exists():
            process = Path("/proc") / str(pid)
            if not (process / "cmdline").read_bytes():  # a zombie: dead, only not reaped
                return False
            return (process / "comm").read_text().strip() in names and (process / "cwd").samefile(folder)
    except OSError:
        return False
    listed = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return Path(listed.stdout.strip()).name in names


def _pid(pid_file: Path) -> int | None:
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 1 else None


def _gone(pid: int, folder: Path, names: tuple[str, ...], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_server(pid, folder, names):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)  # it is not our child, so there is nothing to wait on
    return True
