"""One browser window with what the tests do in it, and a memory of everything that went wrong there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

from tests.cast import PASSWORD
from tests.rigs.wait import PATIENCE

AXE = Path(__file__).parent / "vendor" / "axe.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


class Screen:
    """A page of one person."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.expected: list[str] = []
        self.asked: set[Request] = set()
        context.on("request", lambda request: self.asked.add(request))
        context.on("requestfinished", lambda request: self.asked.discard(request))
        context.on("requestfailed", lambda request: self.asked.discard(request))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"{error}\n{error.stack}"))

    @classmethod
    def open(
        cls, browser: Browser, address: str, *, size: str = "desk", theme: Any = "light", language: str = "en"
    ) -> Screen:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale=language,
            has_touch=size == "phone",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE * 1000)
        return cls(context, address)

    def enter(self, session: str) -> None:
        """Go to the inbox as whoever has this session."""
        self.context.add_cookies([{"name": "session", "value": session, "url": self.address}])
        self.go("/inbox")
        self.rest()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """Sign in through the form, as he does."""
        self.go("/login")
        self.page.fill("#email", email)
        self.page.fill("#password", password)
        self.page.click(".login form button")
        self.page.wait_for_url("**/inbox*")
        self.rest()

    def go(self, path: str) -> Response | None:
        return self.page.goto(self.address + path)

    def rest(self) -> None:
        """Put the pointer where it holds no list still."""
        self.page.mouse.move(720, 200)

    def open_ticket(self, number: int) -> None:
        self.page.click(f'.row[data-number="{number}"] .row-link')
        self.page.wait_for_selector(f"#composer-{number}")
        self.rest()

    def write(self, text: str, key: str = "r") -> None:
        """Open the composer by its key and type."""
        self.page.keyboard.press(key)
        self.page.wait_for_selector(".composer .rich .prose:focus")
        self.page.keyboard.type(text)

    def entry(self, text: str) -> Locator:
        """The entry of the thread with this text, once the server has it."""
        found = self.page.locator(".thread > .entry[data-entry]", has_text=text).first
        found.wait_for()
        return found

    def until(self, script: str, what: str = "") -> Any:
        """Wait until the expression is true in the page. The page's policy forbids Playwright's own way (eval)."""
        deadline = time.monotonic() + PATIENCE
        while not (value := self.page.evaluate(script)):
            assert time.monotonic() < deadline, f"did not come true: {what or script}"
            self.page.wait_for_timeout(30)
        return value

    def shows(self, *numbers: int) -> bool:
        """Wait until these are the numbers of the visible rows, from the top. Fails with what is there instead."""
        deadline = time.monotonic() + PATIENCE
        while self.rows() != list(numbers) and time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
        assert self.rows() == list(numbers)
        return True

    def rows(self) -> list[int]:
        """The numbers of the visible rows, from the top."""
        return self.page.eval_on_selector_all(
            ".queue .rows > .row[data-number]:not([hidden])", "rows => rows.map(row => Number(row.dataset.number))"
        )

    def axe(self) -> list[str]:
        """What axe-core finds wrong with the page as it is now."""
        self.page.evaluate(AXE.read_text())
        options = {"runOnly": AXE_TAGS, "resultTypes": ["violations"]}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def check(self) -> None:
        """Fail with everything that went wrong in this window and was not expected."""
        unexpected = [problem for problem in self.problems if not any(part in problem for part in self.expected)]
        assert not unexpected, "\n".join(unexpected)

    def close(self) -> None:
        """Close the window once the server has answered what it was asked, so that nothing is written after the test."""
        deadline = time.monotonic() + 5
        while self.asked and time.monotonic() < deadline:
            self.page.wait_for_timeout(10)
        self.context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url')})")
