"""Starts our two programs by fork, where what they import has been imported once, and the contract been read.

That takes more of a processor than all else that a start does. What is started is a process of its own with the
command line, the environment, the working directory and the streams that it was given; what the environment says
to Python itself comes too late. That a start from nothing works is for the server's own tests and those of the wheel.

`python -m entity_tests.deployments.nursery` reads a request a line, and answers each with a line.
"""

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from entity_contract import load

Program = Literal["reference-server", "conformance"]

IMPORTED = (
    "entity_server.commands",
    "entity_server.running",
    "entity_server.demo",
    "entity_server.faults",
    "entity_server.variants",
    "tortoise.backends.asyncpg.client",
    "tortoise.backends.sqlite.client",
)


IMPORTED_FIRST: Mapping[Program, tuple[str, ...]] = {
    "reference-server": (),
    "conformance": ("entity_conformance.commands.cli", "entity_conformance.suite.run"),
}
"""What is imported when a program is first asked for."""
MAIN: Mapping[Program, str] = {
    "reference-server": "entity_server.__main__",
    "conformance": "entity_conformance.__main__",
}


@dataclass(frozen=True, slots=True)
class Started:
    """A process, as far as a test needs to know it."""

    pid: int
    nursery: "Nursery" = field(repr=False)

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.nursery.asked({"pid": self.pid})

    def wait(self, seconds: float) -> int:
        """Its exit code, when it has ended. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.01)
        return code

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Nursery:
    """The process that imports and forks; it ends when this one does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "entity_tests.deployments.nursery"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        atexit.register(self._end)

    def start(  # noqa: PLR0917 - what a process is made of
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        errors: Path | None = None,
        program: Program = "reference-server",
    ) -> Started:
        """Begin the program with these arguments there; what it says goes to the log, its errors too if to no other."""
        asked = {"arguments": [*arguments], "folder": str(folder), "environment": {**environment}, "log": str(log)}
        pid = self.asked({**asked, "errors": str(errors or log), "program": program})
        assert pid is not None
        return Started(pid, self)

    def ran(
        self, program: Program, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """What the program said with these arguments there, once it has ended. Raises TimeoutError."""
        with tempfile.TemporaryDirectory() as streams:
            log, errors = Path(streams) / "log", Path(streams) / "errors"
            code = self.start(arguments, folder, environment, log, errors, program).wait(120)
            return subprocess.CompletedProcess([program, *arguments], code, log.read_text(), errors.read_text())

    def asked(self, request: Mapping[str, Any]) -> int | None:
        """The answer to a request."""
        sending, receiving = self._process.stdin, self._process.stdout
        assert sending is not None
        assert receiving is not None
        with self._lock:
            sending.write(json.dumps(request) + "\n")
            sending.flush()
            answer: int | None = json.loads(receiving.readline())
        return answer

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._process.communicate(timeout=60)


@cache
def nursery() -> Nursery:
    """The one of this process."""
    from entity_tests.deployments.serving import environment  # noqa: PLC0415 - which imports this module

    return Nursery(environment())


def main() -> None:
    """Fork and reap, as requests say; a forked process goes on as the server."""
    for name in IMPORTED:
        importlib.import_module(name)
    load()
    ended: dict[int, int] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "pid" in request:
            answer = _exit_code(request["pid"], ended)
        else:
            for name in IMPORTED_FIRST[request["program"]]:
                importlib.import_module(name)
            if (answer := os.fork()) == 0:
                _begin(request)
                return
        print(json.dumps(answer), flush=True)  # noqa: T201 - read by the process that asked


def _exit_code(pid: int, ended: dict[int, int]) -> int | None:
    if pid not in ended:
        reaped, status = os.waitpid(pid, os.WNOHANG)
        if not reaped:
            return None
        ended[pid] = os.waitstatus_to_exitcode(status)
    return ended[pid]


def _begin(request: Mapping[str, Any]) -> None:
    program: Program = request["program"]
    main = importlib.import_module(MAIN[program]).main
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as in a terminal, where tests were started with `nohup`
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    anew = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(request["log"], anew)
    errors = log if request["errors"] == request["log"] else os.open(request["errors"], anew)
    for stream, file in enumerate((nothing, log, errors)):
        os.dup2(file, stream)
    for file in {nothing, log, errors}:
        os.close(file)
    sys.argv = [program, *request["arguments"]]
    main()


if __name__ == "__main__":
    main()
