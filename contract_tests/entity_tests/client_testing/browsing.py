"""A page on an origin of its own, opened in headless Chromium. Judges nothing."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entity_tests.docs_page.browser import MOST_MILLISECONDS, running
from entity_tests.docs_page.presence import needed


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def origin_of(folder: Path) -> Iterator[str]:
    """The origin that serves the files of a folder."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def title_of(url: str, *, before: str) -> str:
    """The title that the page gives itself in place of the one before; the text of its error where it fails instead."""
    with running(needed()) as chromium:
        page = chromium.new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(error.message))
        page.goto(url)
        for _ in range(MOST_MILLISECONDS // 50):
            if failures or page.title() != before:
                break
            page.wait_for_timeout(50)
        return failures[0] if failures else str(page.title())
