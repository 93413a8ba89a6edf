"""A command beside a seeded server: what `reference-server exec -- npm test` does.

The command finds the server by environment variables. Its exit status is ours; a signal that comes to this process goes
on to the command, and the server stops behind it, whatever happens.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from entity_server.testing.server import WRONG, started

VARIABLES: Mapping[str, str] = {
    "V1_API_URL": "baseUrl",
    "V1_API_KEY": "apiKey",
    "V1_API_READ_KEY": "readKey",
    "V1_API_SESSION": "sessionToken",
    "V1_CONTROL_URL": "controlUrl",
    "V1_CONTROL_TOKEN": "controlToken",
}
"""What the command is told, and by which name the credentials file has it."""

_CA = "V1_API_CA"
_CA_OF_NODE = "NODE_EXTRA_CA_CERTS"  # Node can be told in no other way, and trusts it besides others

_NOT_FOUND, _NOT_EXECUTABLE, _KILLED = 127, 126, 128
_PASSED_ON = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_A_LOOK = 1.0  # seconds
_OF_THE_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT})


class NotRun(Exception):  # noqa: N818 - named for what is wrong
    """The command could not be run. `status` is what a shell would exit with."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


def run_beside(command: Sequence[str], options: Sequence[str], say: Callable[[str], None]) -> int:
    """The command's exit status; 128 + n where signal n ended it. `options` are those of `reference-server run`.

    With `--strict-clients` among them, a success is 1 where a client was wrong; `say` is given the findings.
    Raises NotRun for a command that cannot be run, ServerNotStarted where the server does not start.
    """
    program = _program(command[0])
    with started(*options, environment=os.environ) as server:
        told = {variable: server.written[name] for variable, name in VARIABLES.items()}
        with _trusted(server.written.get("ca")) as trusted:
            status = _run([program, *command[1:]], {**os.environ, **told, **trusted})
    if server.wrong is not None:
        say(server.wrong)
        return status or WRONG
    return status


def _program(name: str) -> str:
    """Where the command is, found before a server is started for it."""
    found = shutil.which(name)
    if found is not None:
        return found
    if os.path.dirname(name) and os.path.exists(name):  # noqa: PTH110, PTH120 - a name as the shell reads it
        raise NotRun(f"{name} cannot be run: it is no executable file", _NOT_EXECUTABLE)
    raise NotRun(
        f"there is no command {name}; give one behind --, as in: reference-server exec -- npm test", _NOT_FOUND
    )


@contextmanager
def _trusted(ca: str | None) -> Iterator[Mapping[str, str]]:
    """What tells the command of the server's authority. Node goes on to trust those that it was told of before."""
    before = os.environ.get(_CA_OF_NODE)
    if ca is None or before is None:
        yield {} if ca is None else {_CA: ca, _CA_OF_NODE: ca}
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8") as bundle:
        for file in (before, ca):
            with suppress(OSError):  # a file that is not there told Node of nobody
                bundle.write(Path(file).read_text(encoding="utf-8") + "\n")
        bundle.flush()
        yield {_CA: ca, _CA_OF_NODE: bundle.name}


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    waiting: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def pass_on(number: int) -> None:
        if process is None:
            waiting.append(number)
        else:
            process.send_signal(number)

    with _signals(pass_on):
        try:
            process = subprocess.Popen(command, env=environment)  # noqa: S603 - what the user asked for
        except OSError as error:
            raise NotRun(f"{command[0]} cannot be run: {error.strerror}", _NOT_EXECUTABLE) from error
        for number in waiting:
            process.send_signal(number)
        status = _ended(process)
    return status if status >= 0 else _KILLED - status


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The status of a process, waited for by looks: a signal that comes just before a wait without end is not heard."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(_A_LOOK)


@contextmanager
def _signals(pass_on: Callable[[int], None]) -> Iterator[None]:
    """Hand signals on. What a terminal sends to everybody in the foreground reaches the command without us."""

    def handle(number: int, _: object) -> None:
        if number not in _OF_THE_TERMINAL or not _in_the_foreground():
            pass_on(number)

    known = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in known}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_the_foreground() -> bool:
    """Whether this process is one that a terminal's Ctrl+C goes to."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
