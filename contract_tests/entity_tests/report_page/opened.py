"""The HTML report opened in headless Chromium from a file, as people do, and watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 1000}

_THIN = """() => {
  const kind = one => [one.tagName, one.className, one.hidden, one.open, ...one.getAttributeNames().sort()].join(' ');
  const kinds = one => [one.parentElement, one, ...one.querySelectorAll('*')].map(kind).join();
  const seen = {};
  let removed = 0;
  for (const one of document.querySelectorAll('tr, li, details, .result, [data-of]')) {
    if (!one.isConnected) continue;
    seen[kinds(one)] = (seen[kinds(one)] ?? 0) + 1;
    if (seen[kinds(one)] > 2) { one.remove(); removed++; }
  }
  return removed;
}"""
"""Of the parts that repeat, those that differ from two others in their words alone are removed."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The page. `requests` are those that it made besides the one for itself, `said` is what its console shows."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def shown(self, selector: str) -> list[str]:
        """The texts of the elements that can be seen."""
        return self.page.locator(selector).filter(visible=True).all_inner_texts()

    def thinned(self) -> int:
        """Take away parts that are like two others but for their words, and say how many those were."""
        removed: int = self.page.evaluate(_THIN)
        return removed

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
