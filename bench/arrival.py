"""A mail is appended by IMAP → its row is painted in a real Chromium, with everything between running as in life."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from bench.house import EMAIL, PASSWORD, House, house
from bench.processes import web, workers
from bench.results import Result, percentile
from tests.rigs import mailserver

ADDRESS, MAILS, WARM_UP = "arrival@bench.example", 40, 5
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WATCH = """
const painted = {}, waiting = {};
window.arrived = (number) => new Promise((resolve, reject) => {
  if (painted[number]) return resolve(painted[number]);
  waiting[number] = resolve;
  setTimeout(() => reject(new Error(`mail ${number} was not painted within a minute`)), 60000);
});
new MutationObserver(() => {
  for (const row of document.querySelectorAll('.row')) {
    const found = /arrival-(\\d+)-/.exec(row.textContent);
    if (!found || found[1] in painted) continue;
    painted[found[1]] = 0;
    const note = () => {
      painted[found[1]] = performance.timeOrigin + performance.now();
      waiting[found[1]]?.(painted[found[1]]);
    };
    requestAnimationFrame(() => setTimeout(note));
  }
}).observe(document, {childList: true, subtree: true});
"""
"""A frame is painted before the first task after its animation callbacks."""


def run() -> Iterator[Result]:
    """Append mail after mail, each once the last one was painted."""
    if reason := mailserver.missing():
        raise RuntimeError(reason)
    with mailserver.MailServer() as server, house() as place:
        os.environ["SSL_CERT_FILE"] = place.environ["SSL_CERT_FILE"] = str(server.ca_file)
        _inbox(place, server)
        with web(place) as address, workers(place), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            try:
                values = _watch(browser.new_page(viewport={"width": 1440, "height": 900}), address, server)
            finally:
                browser.close()
    params = {"mails": len(values)}
    yield Result("arrival p50", percentile(values, 50), "ms", params)
    yield Result("arrival p95", percentile(values, 95), "ms", params, "≤ 300")


def chromium() -> str | None:
    """The system's Chromium, or None for Playwright's own."""
    import shutil

    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _inbox(place: House, server: mailserver.MailServer) -> None:
    from helpdesk.extensions import db
    from helpdesk.inboxes import actions
    from helpdesk.inboxes.models import Inbox

    team_id = db.session.get_one(Inbox, place.inbox_id).team_id
    actions.add("email", "Arrival", ADDRESS, team_id=team_id, values=server.settings(ADDRESS), language="en")


def _watch(page: Page, address: str, server: mailserver.MailServer) -> list[float]:
    page.add_init_script(WATCH)
    page.goto(f"{address}/login")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click(".login form button")
    page.wait_for_url("**/inbox*")
    page.mouse.move(1200, 700)
    values = []
    with server.client(ADDRESS) as line:
        for number in range(WARM_UP + MAILS):
            mail = (
                f"From: Customer {number} <customer{number}@mail.example>\r\nTo: {ADDRESS}\r\nSubject: arrival-{number}-\r\n"
                f"Message-ID: <arrival{number}@mail.example>\r\n\r\nHello, is anybody there?\r\n"
            )
            started = time.time() * 1000
            line.append("INBOX", mail.encode())
            seen = page.evaluate("number => window.arrived(number)", number)
            values.append(float(seen) - started)
    return values[WARM_UP:]
