"""The HTML report of a run as people meet it: in a browser, from a file, on any screen."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.html import render
from entity_conformance.report.verdict import Outcome, Profile, Result, Run, Verdict
from entity_conformance.suite import ledger
from entity_tests.deployments.running import conformance_here, everything
from entity_tests.deployments.serving import UNLIMITED, serving
from entity_tests.docs_page.browser import running
from entity_tests.docs_page.presence import needed
from entity_tests.report_page.opened import PHONE, Opened, opened
from playwright.sync_api import Browser

FAULTS = ("list.limit-ignored", "create.answers-200", "auth.no-challenge")
MARKUP = "</script></style></title><script>document.title='stolen'</script><img src=x onerror=alert(1)>"

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that a colour can break."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Those of a full run on a server with some faults, and of a run on two entities, which a browser shows sooner."""
    folder = tmp_path_factory.mktemp("report")
    pages = (folder / "full.html", folder / "report.html")
    with serving(folder / "server", *UNLIMITED, *[f"--fault={fault}" for fault in FAULTS]) as served:
        for page, entities in zip(pages, ((), ("--entity=tasks", "--entity=customers")), strict=True):
            conformance_here(folder, served.base_url, "--report", f"html={page}", *entities, **everything(served))
    return pages


@pytest.fixture
def full(reports: tuple[Path, Path]) -> Path:
    return reports[0]


@pytest.fixture(scope="module")
def report(reports: tuple[Path, Path]) -> Path:
    return reports[1]


@pytest.fixture(scope="module")
def browser(report: Path) -> Iterator[Browser]:  # noqa: ARG001  # the runs end first: they have an event loop of their own
    with running(needed()) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Opened]:
    with opened(browser, report) as page:
        yield page


@pytest.fixture(scope="module", params=["light", "dark"])
def seen(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[Opened]:
    """The page as it opens in each scheme of colours, for tests that only look: to open it takes a second."""
    with opened(browser, report, color_scheme=request.param) as page:
        yield page


light_alone = pytest.mark.parametrize("seen", ["light"], indirect=True)


def test_it_is_one_file_of_less_than_two_million_bytes(full: Path) -> None:
    assert full.stat().st_size < 2_000_000


def test_it_opens_in_a_second(browser: Browser, full: Path) -> None:
    """The best of several, each with a page of its own: others may have the processor meanwhile."""

    def milliseconds() -> float:
        with opened(browser, full) as page:
            return page.milliseconds()

    assert any(milliseconds() < 1000 for _ in range(10))


@light_alone
def test_it_asks_for_nothing_and_says_nothing(seen: Opened) -> None:
    assert seen.requests == []
    assert seen.said == []


@light_alone
def test_the_verdict_stands_on_top_then_causes_and_plan(seen: Opened) -> None:
    assert seen.shown("h1") == ["Does not conform"]
    assert seen.shown("h2")[:2] == ["Root causes", "Run and plan"]


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["thinned", "whole"])
@pytest.mark.parametrize(("scheme", "options"), [("light", {}), ("dark", {"runOnly": OF_COLOURS})])
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser, report: Path, scheme: str, options: dict[str, Any], *, whole: bool
) -> None:
    """What is dark differs in its colours alone, and a row from others like it in its words."""
    with opened(browser, report, color_scheme=scheme) as page:
        if not whole:
            assert page.thinned() > 500
        found = Axe().run(page.page, options={"resultTypes": ["violations"], **options})

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("seen", "colour"), [("light", "rgb(246, 248, 250)"), ("dark", "rgb(13, 17, 23)")], indirect=["seen"]
)
def test_it_is_dark_where_that_is_wished_for(seen: Opened, colour: str) -> None:
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == colour


def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, report: Path) -> None:
    with opened(browser, report, viewport=PHONE) as page:
        assert page.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_scripts_everything_is_there_but_what_narrows_it(browser: Browser, report: Path) -> None:
    with opened(browser, report, java_script_enabled=False) as page:
        assert page.shown("#filters") == []
        assert len(page.page.locator(".list tbody tr").all()) > 300
        assert "create.returns-record" in page.page.locator("#findings").inner_text()


def test_a_filter_narrows_the_lists_and_is_in_the_address(page: Opened) -> None:
    page.page.get_by_role("checkbox", name="failed").check()
    page.page.get_by_role("combobox", name="Entity").select_option("customers")

    assert page.shown(".list tbody th") == ["create.returns-record"]
    assert page.shown(".finding h3") == ["create.returns-record"]
    assert page.page.url.partition("#")[2] == "filter:outcome=failed&entity=customers"


def test_an_address_with_a_filter_shows_what_it_says(browser: Browser, report: Path) -> None:
    with opened(browser, report, "#filter:outcome=warned&level=should&text=challenge") as page:
        assert page.shown(".list tbody th") == ["auth.challenge"]
        all_ = page.page.locator(".list tbody tr").count()
        assert page.page.locator("output").inner_text() == f"1 of {all_} requirements shown"


def test_show_all_shows_all(browser: Browser, report: Path) -> None:
    with opened(browser, report, "#filter:outcome=warned") as page:
        page.page.get_by_role("button", name="Show all").click()
        page.page.wait_for_function("location.hash === '#requirements'")

        assert page.page.locator(".list tbody tr[hidden]").count() == 0


def test_a_cell_of_the_map_leads_to_its_requirement(page: Opened) -> None:
    page.page.locator("#map [data-of='list.limit-caps-page']").first.click()
    page.page.wait_for_function("location.hash === '#list.limit-caps-page'")

    assert page.page.locator("[id='list.limit-caps-page']").evaluate("one => one.getBoundingClientRect().top >= 0")


@light_alone
def test_an_address_of_an_exchange_opens_it(browser: Browser, report: Path, seen: Opened) -> None:
    id_ = seen.page.locator(".result > details").last.get_attribute("id")
    with opened(browser, report, f"#{id_}") as page:
        assert page.page.locator(f"#{id_} .exchange").is_visible()


def test_a_curl_line_can_be_copied_whole(browser: Browser, report: Path) -> None:
    with opened(browser, report, permissions=["clipboard-read", "clipboard-write"]) as page:
        line = page.page.locator(".line").first
        line.get_by_role("button").click()
        line.get_by_role("button", name="copied").wait_for()

        assert page.page.evaluate("navigator.clipboard.readText()") == line.locator("code").text_content()


@light_alone
def test_paper_shows_what_is_closed_on_a_screen(seen: Opened) -> None:
    shown = seen.page.locator(".finding .exchange").first.is_visible()
    seen.page.emulate_media(media="print")
    try:
        assert not shown
        assert seen.shown("nav") == []
        assert seen.page.locator(".finding .exchange").first.is_visible()
    finally:
        seen.page.emulate_media(media="null")


def test_what_a_deployment_says_stays_text(browser: Browser, tmp_path: Path) -> None:
    headers = ((MARKUP, MARKUP),)
    url = f"http://h/api/v1/tasks?search={MARKUP}"
    said = Exchange("x1", MARKUP, "none", "GET", url, headers, MARKUP, 200, headers, MARKUP, 0.1, MARKUP)
    wrong = Result(
        "list.limit-caps-page", MARKUP, "must", MARKUP, Outcome.failed, MARKUP, MARKUP, f"{MARKUP}!", ("x1",)
    )
    run = Run(
        target=f"http://h/{MARKUP}",
        suite_version="1",
        contract_sha256="0" * 64,
        started_at=MARKUP,
        seconds=1.0,
        seed=0,
        profile=Profile(MARKUP, (MARKUP,), (MARKUP,), (MARKUP,), (("list.bad-page", MARKUP),), (), (MARKUP,)),
        choices=(("list.limit-above-100", MARKUP),),
        plan=(),
        verdict=Verdict("does-not-conform", 1, MARKUP),
        requests=RequestCount(1, 0, 0, 1),
        results=(wrong, replace(wrong, entity=None, chapter="list")),
        exchanges=(said,),
        caveats=(MARKUP,),
    )
    written = io.StringIO()
    render(run, ledger.everything().requirements, written)
    (tmp_path / "report.html").write_text(written.getvalue(), encoding="utf-8")

    with opened(browser, tmp_path / "report.html") as page:
        assert MARKUP in page.page.title()
        assert page.page.locator("script").count() == 1
        assert page.page.locator("img").count() == 0
        assert (page.said, page.requests) == ([], [])
