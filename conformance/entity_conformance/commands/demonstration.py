"""The reference server as a process of its own, for `conformance demo`: started, awaited, and always ended.

The runner never imports the server; it starts `python -m entity_server` and reads the credentials that it writes once
it accepts connections.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from entity_conformance.commands.signals import unwinding

START_WITHIN = 30.0
END_WITHIN = 5.0

INSTALL = "run: pip install 'v1-entity-contract[server]'"
OWN = ("entity_contract", "entity_server")
PACKAGES = ("entity_server", "jsonschema_rs", "orjson", "sanic", "tortoise")


class NoServer(Exception):  # noqa: N818  # what is missing, in the user's words
    """The reference server could not be started. `message` says why, `hint` what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Served:
    """A reference server that accepts connections, with the credentials of its two demonstration users."""

    base_url: str
    api_key: str = field(repr=False)
    session_token: str = field(repr=False)
    other_api_key: str = field(repr=False)
    folder: Path


def is_installed(find: Callable[[str], object | None] = importlib.util.find_spec) -> bool:
    """Whether the server's package and what it needs are there."""
    return all(find(package) is not None for package in PACKAGES)


@contextmanager
def reference_server(faults: Sequence[str] = ()) -> Iterator[Served]:
    """A server on a free port with a temporary database. Raises NoServer."""
    if not is_installed():
        raise NoServer("the reference server is not installed", hint=INSTALL)
    with tempfile.TemporaryDirectory(prefix="v1-conformance-", ignore_cleanup_errors=True) as name, unwinding():
        folder = Path(name)
        with (folder / "server.log").open("wb") as log:
            process = _started(folder, faults, log.fileno())
            try:
                yield _awaited(process, folder)
            finally:
                _ended(process)


def _started(folder: Path, faults: Sequence[str], log: int) -> subprocess.Popen[bytes]:
    # the packages that this process sees, also in a checkout that is not installed
    seen = [
        str(Path(find.origin).parents[1]) for name in OWN if (find := importlib.util.find_spec(name)) and find.origin
    ]
    inherited = {
        name: value
        for name, value in os.environ.items()
        # what the server's faults do is said by docstrings, which the last of these would drop
        if not name.startswith("REFERENCE_SERVER_") and name != "PYTHONOPTIMIZE"
    }
    paths = [*seen, *filter(None, [inherited.get("PYTHONPATH")])]
    command = [sys.executable, "-P", "-m", "entity_server", "run", "--demo", "--port", "0"]
    command += ["--database", f"sqlite://{folder / 'demo.sqlite3'}", "--credentials", str(folder / "credentials.json")]
    command += [part for fault in faults for part in ("--fault", fault)]
    return subprocess.Popen(  # noqa: S603  # our own server, with arguments that we wrote
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env={**inherited, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,  # an interrupt from the terminal is ours: the server is needed to clean up
    )


def _awaited(process: subprocess.Popen[bytes], folder: Path) -> Served:
    """The server's credentials, as soon as it has written them. Raises NoServer."""
    written, deadline = folder / "credentials.json", time.monotonic() + START_WITHIN
    while not written.exists():
        if process.poll() is not None:
            raise NoServer(f"the reference server did not start: {_last_words(folder)}", hint=_advice(folder))
        if time.monotonic() > deadline:
            raise NoServer(f"the reference server did not start within {START_WITHIN:g} s", hint="try again")
        time.sleep(0.02)
    facts = json.loads(written.read_text("utf-8"))
    return Served(facts["baseUrl"], facts["apiKey"], facts["sessionToken"], facts["otherApiKey"], folder)


def _last_words(folder: Path) -> str:
    lines = (folder / "server.log").read_text("utf-8", "replace").strip().splitlines()
    return lines[-1][:300].removeprefix("reference-server: ") if lines else "it said nothing"


def _advice(folder: Path) -> str:
    if "No module named" in _last_words(folder):
        return INSTALL
    return "correct --fault" if "fault" in _last_words(folder) else "try `reference-server run`"


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
