"""The reference server as its users start it: a process of its own, a database of its own, a port that was free.

Starts (nursery.py forks it), waits, ends. What the server should answer is not known here. Credentials stay in memory;
the server's own log stays in its folder.
"""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from entity_tests.deployments.nursery import Started, nursery

ROOT = Path(__file__).resolve().parents[3]
PATHS = os.pathsep.join(str(ROOT / face) for face in ("contract", "server", "conformance", "contract_tests"))
"""Where a checkout's packages are, as PYTHONPATH."""

START_SECONDS = 120
UNLIMITED = ("--key-limit", "1000000/hour", "--session-limit", "1000000/hour")
"""Options for tests that send more than the default limits admit, and judge something else than limits."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running reference server. `base_url` ends in `/api/v1`; `database` is its SQLite file."""

    base_url: str
    database: Path
    credentials: Mapping[str, str] = field(repr=False)
    pid: int = 0

    @property
    def root(self) -> str:
        """The root server's URL: `base_url` without `/v1`."""
        return self.base_url.removesuffix("/v1")

    def bearer(self, name: str = "apiKey") -> dict[str, str]:
        """The header that sends one of the API keys."""
        return {"Authorization": f"Bearer {self.credentials[name]}"}

    @property
    def cookie(self) -> dict[str, str]:
        """The header that sends the session."""
        return {"Cookie": f"better-auth.session_token={self.credentials['sessionToken']}"}


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """A demo server in `folder`, until the block ends; options are `reference-server run`'s."""
    folder.mkdir(parents=True, exist_ok=True)
    database, credentials, log = folder / "demo.sqlite3", folder / "credentials.json", folder / "server.log"
    credentials.unlink(missing_ok=True)
    arguments = ["run", "--demo", "--port", "0"]
    arguments += ["--database", f"sqlite://{database}", "--credentials", str(credentials), *options]
    process = nursery().start(arguments, folder, environment(), log)
    try:
        _await(process, credentials, log)
        known = json.loads(credentials.read_text())
        yield Served(known.pop("baseUrl"), database, known, process.pid)
    finally:
        process.send(signal.SIGTERM)
        try:
            process.wait(60)
        except TimeoutError:
            process.send(signal.SIGKILL)
            process.wait(60)


def environment() -> dict[str, str]:
    """The environment of a process that runs this checkout, with nothing of a developer's own configuration."""
    ours = ("CONFORMANCE_", "CONTRACT_TESTS_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONPATH": PATHS}


def _await(process: Started, credentials: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not credentials.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:]
            message = f"the server did not start (exit {process.poll()}):\n{said}"
            raise AssertionError(message)
        time.sleep(0.05)
