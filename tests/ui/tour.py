"""Every screen once, and how a person gets there in the demo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.ui.screen import Screen

SHOWN = "Tencere seti"
"""The conversation that is opened: it has files, notes and a failed delivery."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A screen: ``reach`` brings a window there and waits until it stands still."""

    name: str
    reach: Callable[[Screen], object]
    signed_in: bool = True
    in_readme: bool = False
    has_axe: bool = True


def _page(path: str) -> Callable[[Screen], object]:
    return lambda screen: screen.go(path)


def _first_link(path: str, link: str, arrived: str) -> Callable[[Screen], None]:
    """The page behind the first such link of a page."""

    def reach(screen: Screen) -> None:
        screen.go(path)
        screen.page.locator(link).first.click()
        screen.page.wait_for_selector(arrived)
        screen.rest()

    return reach


def _ticket(screen: Screen) -> None:
    screen.go("/inbox")
    screen.page.locator(f'.row-link:has-text("{SHOWN}")').first.click()
    screen.page.wait_for_selector(".thread .entry")
    screen.rest()


def _full_ticket(screen: Screen) -> None:
    _ticket(screen)
    number = screen.page.locator(".row:has([aria-current])").get_attribute("data-number")
    screen.go(f"/tickets/{number}")
    screen.page.wait_for_selector(".thread .entry")


def _composer(screen: Screen) -> None:
    _ticket(screen)
    screen.write("Merhaba Şükran Hanım, doğru kapağı bugün yola çıkarıyoruz.")


def _menu(screen: Screen) -> None:
    _ticket(screen)
    screen.page.keyboard.press("a")
    screen.page.wait_for_selector("#assign-menu:popover-open")


def _keys(screen: Screen) -> None:
    screen.go("/inbox")
    screen.page.wait_for_selector(".queue .row")
    screen.page.keyboard.press("?")
    screen.page.wait_for_selector("#key-sheet[open] li")


def _offline(screen: Screen) -> None:
    _ticket(screen)
    screen.context.set_offline(True)
    screen.page.wait_for_selector(".queue .banner:not([hidden])", state="attached")
    screen.context.set_offline(False)


STOPS = (
    Stop("login", _page("/login"), signed_in=False),
    Stop("inbox", _ticket, in_readme=True),
    Stop("queue", _page("/inbox")),
    Stop("empty-queue", _page("/inbox?view=spam")),
    Stop("ticket", _full_ticket),
    Stop("composer", _composer),
    Stop("menu", _menu),
    Stop("keys", _keys),
    Stop("customers", _page("/customers")),
    Stop("customer", _first_link("/customers", 'main a[href^="/customers/"]', "main h1")),
    Stop("suspended", _page("/suspended")),
    Stop("settings-inboxes", _page("/settings/inboxes")),
    Stop("settings-inbox", _first_link("/settings/inboxes", 'main a[href^="/settings/inboxes/"]', "main form")),
    Stop("settings-inbox-new", _page("/settings/inboxes/new/email")),
    Stop("settings-agents", _page("/settings/agents")),
    Stop("settings-agent", _page("/settings/agents/new")),
    Stop("settings-teams", _page("/settings/teams")),
    Stop("settings-surveys", _page("/settings/surveys")),
    Stop("settings-survey", _first_link("/settings/surveys", 'main a[href^="/settings/surveys/"]', "main form")),
    Stop("settings-tokens", _page("/settings/tokens")),
    Stop("quarantine", _page("/settings/received")),
    Stop("profile", _page("/profile")),
    Stop("not-found", _page("/nowhere")),
    Stop("survey-gone", _page("/s/nothing"), signed_in=False),
)
