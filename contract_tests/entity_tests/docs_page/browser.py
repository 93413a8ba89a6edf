"""Headless Chromium, and a page in it that is watched: which hosts it asks, what its console says.

The only place that knows the browser and Swagger UI's markup; nothing is judged here. The browser is the
machine's own, the driver comes from a wheel and needs no other. The driver's calls repeat their arguments in an error's
log, and its own assertions (`expect`) the whole page: so secrets are typed, and nothing is asserted with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, sync_playwright

MOST_MILLISECONDS = 60_000
FLAGS = (  # beside the driver's own: nothing in the background that would ask the network
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def running(program: Path) -> Iterator[Browser]:
    """The browser, with a new profile that goes when it ends."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS, timeout=MOST_MILLISECONDS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer as the page shows it."""

    status: int
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """The documentation, opened in a profile of its own. `hosts` are those that it asked for anything."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def operations(self) -> set[tuple[str, str]]:
        """Method and path of every operation that is shown."""
        shown = self.page.locator(".opblock-summary").all()
        return {
            (
                one.locator(".opblock-summary-method").inner_text(),
                str(one.locator(".opblock-summary-path").get_attribute("data-path")),
            )
            for one in shown
        }

    def tags(self) -> list[str]:
        """The headings that operations are shown under."""
        return [str(tag.get_attribute("data-tag")) for tag in self.page.locator(".opblock-tag").all()]

    def schemas(self) -> list[str]:
        """The names of the schemas that are shown."""
        head = ".models > div > article > .json-schema-2020-12-head"
        names: list[str] = self.page.locator(f"{head} .json-schema-2020-12__title").all_inner_texts()
        return names

    def authorize(self, secrets: Mapping[str, str]) -> None:
        """Give the dialog a secret for each of these security schemes."""
        with self._dialog() as dialog:
            for scheme, secret in secrets.items():
                form = self._form(dialog, scheme)
                form.locator("input").click()
                self.page.keyboard.insert_text(secret)
                form.get_by_role("button", name="Apply credentials").click()

    def log_out(self, scheme: str) -> None:
        """Take the scheme's secret out of the dialog."""
        with self._dialog() as dialog:
            self._form(dialog, scheme).get_by_role("button", name="Remove authorization").click()

    def execute(self, operation: str) -> Shown:
        """Try the operation out with what the page suggests, and give what it then shows of the server's answer."""
        block = self.page.locator(f".opblock[id$='-{operation}']")
        if not block.locator(".opblock-body").count():
            block.locator(".opblock-summary-control").click()
            block.get_by_role("button", name="Try it out").click()
        with self.page.expect_response(lambda response: "/api/" in response.url) as answer:
            block.get_by_role("button", name="Execute").click()
        row = block.locator(".live-responses-table tr.response")
        status = answer.value.status
        row.locator(".response-col_status", has_text=str(status)).wait_for()
        return Shown(status, row.locator("pre").first.inner_text())

    @contextmanager
    def _dialog(self) -> Iterator[Locator]:
        self.page.locator(".auth-wrapper .btn.authorize").click()
        dialog = self.page.locator(".dialog-ux")
        yield dialog
        dialog.locator(".close-modal").click()

    @staticmethod
    def _form(dialog: Locator, scheme: str) -> Locator:
        return dialog.locator(".auth-container").filter(has=dialog.page.locator("h4 code", has_text=scheme))


@contextmanager
def visiting(browser: Browser, url: str) -> Iterator[Visit]:
    """The page at `url`, once it shows operations, in a profile that nobody used before."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(MOST_MILLISECONDS)
    try:
        visit = Visit(context.new_page())
        context.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
        visit.page.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.goto(url)
        visit.page.locator(".opblock").first.wait_for()
        yield visit
    finally:
        context.close()
