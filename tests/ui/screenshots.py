"""The pictures of the documentation, from the running product: ``.venv/bin/python -m tests.ui.screenshots``.

Starts ``bin/run --demo`` on an empty folder, signs in, opens a conversation, and writes ``docs/screens/``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from helpdesk.demo.people import ACCOUNTS, PASSWORD
from tests.rigs.ports import free_ports
from tests.rigs.wait import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
SHOWN = "Tencere seti"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]


def main() -> int:
    """Take the pictures."""
    SCREENS.mkdir(exist_ok=True)
    with _running() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for theme, name in (("light", "inbox"), ("dark", "inbox-dark")):
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme=theme, locale="en")  # type: ignore[arg-type]
            _sign_in(page, address)
            page.click(f'.row-link:has-text("{SHOWN}")')
            page.wait_for_selector(".thread .entry")
            page.mouse.move(1439, 1)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=SCREENS / f"{name}.png", animations="disabled")
        browser.close()
    return 0


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#email", ACCOUNTS[0][0])
    page.fill("#password", PASSWORD)
    page.click(".login form button")
    page.wait_for_url("**/inbox*")


@contextmanager
def _running() -> Iterator[str]:
    """The demo on a free port; gives its address once it is ready."""
    folder = Path(tempfile.mkdtemp(prefix="temas-screens-"))
    folder.chmod(0o755)  # the account of the embedded PostgreSQL must get in
    [port] = free_ports(1)
    command = ["bin/run", "--demo", "--port", str(port), "--data", str(folder / "data")]
    environ = os.environ | {"TEMAS_SYSTEM_DATA": str(folder / "system")}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            if not any(line.startswith("Temas is ready") for line in process.stdout or ()):
                raise RuntimeError("bin/run --demo did not start.")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
