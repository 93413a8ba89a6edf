"""A reference server in a process of its own, for as long as a block lasts.

    with running() as api:
        httpx.get(f"{api.base_url}/tasks", headers=api.bearer())

The process ends with the block, and by itself when this process ends, whatever ended it: see `child`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from entity_server.settings import ENVIRONMENT_PREFIX
from entity_server.testing.api import Api

WRONG = 1
"""The exit status of a server with `--strict-clients` that saw a client do something wrong."""

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_BETWEEN_LOOKS = 0.01
_LONGEST_LOG = 1024 * 1024
_MOST_LINES = 50


class ServerNotStarted(Exception):  # noqa: N818 - named for what is wrong
    """The server could not start; the message is its own line, which says what to do."""


class ClientIsWrong(Exception):  # noqa: N818 - named for what is wrong
    """`--strict-clients` was asked for, and the server saw something wrong; the message has a line for each finding."""


@dataclass(slots=True)
class Started:
    """A server process, and what it wrote into its credentials file. `wrong` is what it said of its clients at its end.

    `wrong` is None while it runs, where nothing is wrong, and without `--strict-clients`.
    """

    process: subprocess.Popen[bytes]
    written: Mapping[str, str] = field(repr=False)
    wrong: str | None = None


@contextmanager
def running(*options: str, contract: Path | None = None) -> Iterator[Api]:
    """A demo server on a free port, with a temporary SQLite file. `options` are those of `reference-server run`.

    Raises ServerNotStarted, and at the end of the block ClientIsWrong where `--strict-clients` is among the options.
    """
    more = () if contract is None else ("--contract", str(contract))
    with started(*more, *options) as server, Api.at(server.written) as api:
        yield api
    if server.wrong is not None:
        raise ClientIsWrong(server.wrong)


@contextmanager
def started(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Started]:
    """The process behind `running`. Without an `environment` it has this one's, less the options that stand there."""
    with (
        tempfile.TemporaryDirectory(prefix="v1-api-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as log,  # the server removes the folder, and its last words shall be read after that
    ):
        credentials = Path(folder) / "credentials.json"
        command = [sys.executable, "-P", "-m", "entity_server.child", folder, "run", "--demo", "--port", "0"]
        command += ["--control-port", "0", "--database", f"sqlite://{Path(folder) / 'demo.sqlite3'}"]
        process = subprocess.Popen(  # noqa: S603 - this very program
            [*command, *options, "--credentials", str(credentials)],
            env=_own() if environment is None else environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt of this process is its own affair
        )
        try:
            server = Started(process, _written(process, credentials, log))
            yield server
        finally:
            _stop(process)
        if process.returncode == WRONG:
            server.wrong = "\n".join(_said(log)[-_MOST_LINES:])


def _own() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(f"{ENVIRONMENT_PREFIX}_")}


def _written(process: subprocess.Popen[bytes], credentials: Path, log: IO[bytes]) -> Mapping[str, str]:
    """What the server says when it is there."""
    deadline = time.monotonic() + _START_SECONDS
    while not credentials.exists():
        if process.poll() is not None:
            raise ServerNotStarted(_last_line(log) or f"the server ended with {process.returncode} and said nothing")
        if time.monotonic() > deadline:
            raise ServerNotStarted(f"the server did not start within {_START_SECONDS:.0f} s. {_last_line(log)}")
        time.sleep(_BETWEEN_LOOKS)
    known: Mapping[str, str] = json.loads(credentials.read_text(encoding="utf-8"))
    return known


def _last_line(log: IO[bytes]) -> str:
    return "".join(_said(log)[-1:])


def _said(log: IO[bytes]) -> list[str]:
    said = os.pread(log.fileno(), _LONGEST_LOG, 0)  # the server writes on at the offset that it shares with us
    return said.decode("utf-8", errors="replace").splitlines()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe, which tells the server to stop, and wait for its end."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(_STOP_SECONDS)
