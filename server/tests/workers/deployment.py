"""`reference-server run --workers N` as a process, with credentials for it.

It is forked where what it imports has been imported; `COMMAND` starts one from nothing.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from entity_tests.deployments.nursery import Started, nursery

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("contract", "server")),
    "PYTHONUNBUFFERED": "1",
}
COMMAND = (sys.executable, "-P", "-m", "entity_server")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A demo that several processes serve. `process` is the one that watches them."""

    url: str
    credentials: Mapping[str, str] = field(repr=False)
    process: Started
    log: Path
    database: str = field(repr=False)

    @property
    def root(self) -> str:
        """Where `/livez` and `/docs` are."""
        return self.url.removesuffix("/api/v1")

    def workers(self) -> list[psutil.Process]:
        """The processes that serve."""
        return psutil.Process(self.process.pid).children()

    def bearer(self, name: str = "apiKey") -> dict[str, str]:
        """The header that sends one of the keys."""
        return {"Authorization": f"Bearer {self.credentials[name]}"}

    def cookie(self) -> dict[str, str]:
        """The header that sends the session."""
        return {"Cookie": f"better-auth.session_token={self.credentials['sessionToken']}"}

    def health(self) -> httpx.Response:
        """The health check, over a connection of its own."""
        return httpx.get(f"{self.root}/api/health", timeout=30)


@contextmanager
def deployed(
    folder: Path, database: str, redis: str, *options: str, workers: int = 2, demo: bool = True
) -> Iterator[Deployment]:
    """A running server, until the block ends, of the demo if it is one; without a Redis where none ("") is named."""
    log, credentials = folder / "server.log", folder / "credentials.json"
    credentials.unlink(missing_ok=True)  # an earlier deployment's
    arguments = ["run", "--port", "0", "--workers", str(workers), "--database", database]
    arguments += ["--demo"] if demo else []
    arguments += ["--redis", redis] if redis else []
    arguments += ["--credentials", str(credentials), *options]
    variables = {**ENVIRONMENT, "TMPDIR": str(folder)}  # what a server that is killed leaves behind
    process = nursery().start(arguments, folder, variables, log)
    try:
        deadline = time.monotonic() + 60
        while not credentials.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        known = json.loads(credentials.read_text())
        yield Deployment(known.pop("baseUrl"), known, process, log, database)
    finally:
        kill(process)


def kill(process: Started) -> None:
    """End it and its workers, if they have not ended."""
    if process.poll() is None:
        workers = psutil.Process(process.pid).children()
        process.send(signal.SIGKILL)
        process.wait(60)
        ended(workers)


def ended(processes: Sequence[psutil.Process], seconds: float = 60) -> bool:
    """Whether all of them end in that time."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive
