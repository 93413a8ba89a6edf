"""The page of docs/client-testing.md, on another origin in headless Chromium: what it may ask, and what it may read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from entity_server.testing import running
from entity_tests.client_testing.browsing import origin_of, title_of
from entity_tests.client_testing.page import sections

SECTION = sections()["In a browser"]


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    SECTION.write(tmp_path)
    with origin_of(tmp_path) as origin:
        yield origin


def test_a_page_on_the_origin_reads_the_list_and_its_headers(origin: str) -> None:
    with running("--cors", origin) as api:
        title = title_of(f"{origin}/page.html#api={api.base_url}&key={api.api_key}", before="Tasks")

        (asked,) = api.expect_called("listTasks", times=1, status=200, valid=True)
        assert title == f"{asked.answer['pagination']['total']} tasks"


def test_a_page_on_another_origin_reads_nothing(origin: str) -> None:
    with running("--cors", "https://elsewhere.example") as api:
        title = title_of(f"{origin}/page.html#api={api.base_url}&key={api.api_key}", before="Tasks")

        assert title == "Failed to fetch"

        api.expect_called("listTasks", times=0)
