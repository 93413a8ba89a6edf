"""The HTML report opened in headless Chromium from a file, as people do, and watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 1000}


@dataclass(frozen=True, slots=True)
class Opened:
    """The page. `requests` are those that it made besides the one for itself, `said` is what its console shows."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def shown(self, selector: str) -> list[str]:
        """The texts of the elements that can be seen."""
        return self.page.locator(selector).filter(visible=True).all_inner_texts()

    def milliseconds(self) -> float:
        """How long the page took until it was loaded, from the moment when it was asked for."""
        timing: float = self.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        return timing


@contextmanager
def opened(browser: Browser, report: Path, fragment: str = "", **context: Any) -> Iterator[Opened]:
    """The report in a profile that nobody used before; `context` is what the driver calls that."""
    own = browser.new_context(**{"viewport": DESK, **context})
    try:
        opened_ = Opened(own.new_page())
        own.on("request", lambda request: opened_.requests.append(request.url))
        opened_.page.on("console", lambda said: opened_.said.append(said.text))
        opened_.page.on("pageerror", lambda error: opened_.said.append(str(error)))
        opened_.page.goto(report.as_uri() + fragment)
        opened_.requests.pop(0)
        yield opened_
    finally:
        own.close()
