"""Pictures of every screen, from the running product.

``.venv/bin/python -m tests.ui.screenshots`` starts ``bin/run --demo`` on an empty folder and writes ``docs/screens/``.
``… --sheets FOLDER`` writes one sheet for each screen instead: both themes, both languages, desk and phone, side by side,
with what axe-core and the console say printed; to be looked at before a change of the look goes in.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from helpdesk.demo.people import ACCOUNTS, PASSWORD
from tests.rigs.ports import free_ports
from tests.rigs.wait import PATIENCE
from tests.ui.screen import Screen
from tests.ui.tour import STOPS, Stop

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs" / "screens"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]
DOCUMENTED = (("light", "desk", "en"), ("dark", "desk", "en"), ("light", "phone", "tr"))
"""What the documentation shows of the screens that a README shows; of the others, the first."""
VARIANTS = tuple(product(("light", "dark"), ("desk", "phone"), ("en", "tr")))


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures."""
    options = _parser().parse_args(arguments)
    stops = [stop for stop in STOPS if not options.only or stop.name in options.only]
    with _running() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        if options.sheets:
            _sheets(browser, address, stops, options.sheets)
        else:
            _documentation(browser, address, stops)
        browser.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Take pictures of every screen.")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="write sheets with all variants there")
    parser.add_argument("--only", nargs="*", metavar="SCREEN", help="names of screens")
    return parser


def _documentation(browser: Browser, address: str, stops: list[Stop]) -> None:
    SCREENS.mkdir(exist_ok=True)
    for number, (theme, size, language) in enumerate(DOCUMENTED):
        shown = stops if number == 0 else [stop for stop in stops if stop.in_readme]
        ending = "" if number == 0 else f"-{theme if theme == 'dark' else size}"
        for stop, screen in _walked(browser, address, shown, theme, size, language):
            screen.page.screenshot(path=SCREENS / f"{stop.name}{ending}.png", animations="disabled")


def _sheets(browser: Browser, address: str, stops: list[Stop], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for theme, size, language in VARIANTS:
        for stop, screen in _walked(browser, address, stops, theme, size, language):
            screen.page.screenshot(path=folder / f"{stop.name}-{theme}-{size}-{language}.png", animations="disabled")
            for said in (*screen.problems, *(screen.axe() if stop.has_axe else ())):
                print(f"{stop.name} {theme} {size} {language}: {said}")
            screen.problems.clear()
    for stop in stops:
        _lay_out(browser, stop.name, folder)


def _lay_out(browser: Browser, name: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1460, "height": 1000})
    pictures = {(theme, size, language): f"{name}-{theme}-{size}-{language}.png" for theme, size, language in VARIANTS}
    widths = {"desk": 715, "phone": 350}
    html = "".join(
        f'<img src="{pictures[variant]}" width="{widths[variant[1]]}">'
        for variant in sorted(pictures, key=lambda variant: variant[1])
    )
    (folder / f"{name}.html").write_text(
        f'<body style="margin:4px;background:#888;display:flex;flex-wrap:wrap;gap:6px">{html}'
    )
    page.goto((folder / f"{name}.html").as_uri())
    page.screenshot(path=folder / f"sheet-{name}.png", full_page=True)
    page.close()


def _walked(
    browser: Browser, address: str, stops: list[Stop], theme: str, size: str, language: str
) -> Iterator[tuple[Stop, Screen]]:
    """The screens one after the other, each as it stands when it is to be looked at."""
    stranger = Screen.open(browser, address, theme=theme, size=size, language=language)
    agent = Screen.open(browser, address, theme=theme, size=size, language=language)
    agent.sign_in(ACCOUNTS[0][0], PASSWORD)
    for stop in stops:
        screen = agent if stop.signed_in else stranger
        try:
            stop.reach(screen)
        except Exception as error:
            raise RuntimeError(f"{stop.name} was not reached ({theme}, {size}, {language})") from error
        screen.page.wait_for_load_state("load")
        screen.until("[...document.images].every(image => image.complete)")
        yield stop, screen
    stranger.close()
    agent.close()


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
