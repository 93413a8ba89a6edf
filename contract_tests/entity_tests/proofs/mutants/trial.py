"""One mutant on trial: a server of its own, the whole suite, and how that ended.

A trial is a process made by fork, in which the server's packages have not been imported yet; it makes another one for
the server. So nothing that a mutant does outlives it, and what both have to import is imported once.
"""

import asyncio
import importlib
import importlib.abc
import importlib.machinery
import json
import logging
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from entity_conformance.deployment.settings import Given, Misuse, Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import run as suite
from entity_contract import load

from entity_tests.deployments.serving import ROOT
from entity_tests.proofs.mutants import executed
from entity_tests.proofs.mutants.changes import Change, changes
from entity_tests.proofs.mutants.commands import COMMANDS, Command, database

SERVER = ROOT / "server" / "entity_server"
ROOMS = ("domain", "store", "http")
LEFT_OUT = ("http/docs/", "http/openapi_core.py")
"""What serves no request of the API: the documentation's page, and a reading for tests beside the path of requests."""

START_SECONDS, TRIAL_SECONDS = 30, 240
RED = (Outcome.failed, Outcome.warned, Outcome.broken)
_PRELOADED = ("sanic", "tortoise.backends.sqlite.client", "jsonschema_rs", "orjson", "schemathesis", "hypothesis")

_NAMED = re.compile(r"^ *(?:async )?(?:def|class) (\w+)", re.MULTILINE)


Ended = Literal["killed", "survived"]


class NothingJudgedError(Exception):
    """The right server is found wrong, so that no mutant can be judged."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one module of the server.

    `path` is relative to the package, `within` the function or class around the change.
    """

    path: str
    within: str
    change: Change
    text: str
    """The line that is changed, without the white space around it."""

    column: int
    """Where in that text the change begins."""

    statement: range
    """The lines of the innermost statement that the change is in."""

    @property
    def id(self) -> str:
        """The same for the same change of the same line, wherever that stands."""
        change = f"{_one_line(self.change.before)} -> {_one_line(self.change.after)}"
        return f"{self.path} {self.within}: {self.text} [{self.column}: {change}]"

    @property
    def module(self) -> str:
        """The module's name."""
        return ".".join(("entity_server", *Path(self.path).with_suffix("").parts)).removesuffix(".__init__")

    def is_in(self, lines: executed.Lines) -> bool:
        """Whether these lines, executed with the right server, are some of the changed statement's."""
        return any((self.path, line) in lines for line in self.statement)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a mutant ended: by which command, and what was red there or went wrong.

    `seconds` is 0 where it was not served, since nothing executes the statement that it changes.
    """

    ended: Ended
    by: str
    why: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Served:
    """What a trial serves: on which database, with which settings, what is changed, where its lines are recorded."""

    database: str
    settings: Mapping[str, Any]
    mutant: Mutant | None
    record: Path | None


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every mutant of the server, in the order of the files; of two with the same id the first."""
    found: dict[str, Mutant] = {}
    for room in ROOMS:
        for file in sorted((SERVER / room).rglob("*.py")):
            path = file.relative_to(SERVER).as_posix()
            if not path.startswith(LEFT_OUT):
                source = file.read_text("utf-8")
                statements = list(executed.statements(source))
                for change in changes(source):
                    one = _mutant(path, change, source, executed.innermost(change.line, statements))
                    found.setdefault(one.id, one)
    return tuple(found.values())


def _mutant(path: str, change: Change, source: str, statement: range) -> Mutant:
    before = source.encode()[: change.start].decode()
    line = source.split("\n")[change.line - 1]
    around = _NAMED.findall(before)[-1:] or [""]
    return Mutant(path, around[0], change, line.strip(), len(before.rpartition("\n")[2].lstrip()), statement)


def lines(command: str) -> executed.Lines:
    """The lines of the right server that are executed while a command asks it. Raises NothingJudgedError."""
    with tempfile.TemporaryDirectory() as name:
        record = Path(name) / "lines"
        right = judged(None, command, record)
        if right.ended == "killed":
            message = f"the right server is not right, so that no mutant can be judged: {', '.join(right.why)}"
            raise NothingJudgedError(message)
        return executed.recorded(record)


def judged(mutant: Mutant | None, command: str, record: Path | None = None) -> Judgement:
    """How a command ends with a mutant; None is the right server, whose lines may be recorded."""
    preload()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        place = Path(name)
        server = Served(database(COMMANDS[command].database, place), COMMANDS[command].served, mutant, record)
        why = _in_a_process_of_its_own(lambda: _red_of(command, server, place), started + TRIAL_SECONDS)
    return Judgement("killed" if why else "survived", command, why, round(time.monotonic() - started, 1))


def preload() -> None:
    """Import what every trial needs, and nothing of the server."""
    for name in _PRELOADED:
        importlib.import_module(name)
    suite.checks()
    if any(name.split(".")[0] == "entity_server" for name in sys.modules):
        message = "the server has been imported already, so that no mutant would be served"
        raise RuntimeError(message)


def _told(receiving: int, deadline: float) -> bytes:
    """What a trial says, nothing when it takes too long."""
    os.set_blocking(receiving, False)
    said = b""
    while time.monotonic() < deadline:
        try:
            piece = os.read(receiving, 65536)
        except BlockingIOError:
            time.sleep(0.02)
            continue
        if not piece:
            break
        said += piece
    return said


def _end_group(trial: int) -> None:
    """End a trial with its server: both are in a group of their own."""
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(trial, signal.SIGKILL)
    os.waitpid(trial, 0)


def _in_a_process_of_its_own(work: Callable[[], tuple[str, ...]], deadline: float) -> tuple[str, ...]:
    """What the work comes to in a forked process, which is ended with all that it began."""
    receiving, sending = os.pipe()
    trial = os.fork()
    if trial == 0:
        try:
            os.close(receiving)
            os.setpgid(0, 0)
            logging.disable(logging.CRITICAL)
            os.write(sending, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(sending)
    try:
        told = _told(receiving, deadline)
    finally:
        os.close(receiving)
        _end_group(trial)
    if told:
        return tuple(json.loads(told))
    return ("the trial hangs" if time.monotonic() > deadline else "the trial breaks off",)


def _red_of(command: str, served: Served, place: Path) -> tuple[str, ...]:
    """What is red when a command asks a server of its own: nothing where it ends with 0."""
    server = os.fork()
    if server == 0:
        _serve(served, place)
    try:
        return _asked(COMMANDS[command], server, place)
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


def _asked(command: Command, server: int, place: Path) -> tuple[str, ...]:
    credentials = place / "credentials.json"
    deadline = time.monotonic() + START_SECONDS
    while not credentials.exists():
        if os.waitid(os.P_PID, server, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return ("the server does not start",)
        if time.monotonic() > deadline:
            return ("the server does not start in time",)
        time.sleep(0.02)
    known = json.loads(credentials.read_text("utf-8"))
    if lacking := [name for name, value in known.items() if not value]:
        return (f"the server issues no {', no '.join(lacking)}",)
    plain = Settings(known["baseUrl"], _given(known, full=command.full), strict=True, seed=1)
    settings = replace(plain, **command.settings)
    try:
        ended = asyncio.run(command.ask(settings, journals=place / "journals", contract=load()))
    except Misuse as misuse:
        return (f"cannot be tested: {misuse.message}",)
    return _red(ended, full=command.full)


def _red(ended: Run, *, full: bool) -> tuple[str, ...]:
    """What is red in a run. That there is no verdict is red too, but not where the requests were few."""
    red = sorted({one.requirement for one in ended.results if one.outcome in RED})
    return tuple(red) or ((ended.verdict.reason,) if full and ended.verdict.exit_code else ())


def _given(known: dict[str, str], *, full: bool) -> Given:
    two = {"api_key": known["apiKey"], "session": known["sessionToken"]}
    others = {
        "other_api_key": known["otherApiKey"],
        "read_key": known["readKey"],
        "write_key": known["writeKey"],
        "delete_key": known["deleteKey"],
        "expired_key": known["expiredKey"],
    }
    return Given(**two, **(others if full else {}))


def _serve(served: Served, place: Path) -> None:
    """Be the server, with the mutant in place of the module that it changes."""
    try:
        os.closerange(3, 256)  # what the trial tells by is not the server's to hold open
        if served.mutant is not None:
            sys.meta_path.insert(0, _Changed(served.mutant))
        if served.record is not None:
            executed.record(SERVER, served.record)
        running = importlib.import_module("entity_server.running")
        settings = importlib.import_module("entity_server.settings").Settings(
            port=0,
            database=served.database,
            demo=True,
            credentials=place / "credentials.json",
            **served.settings,
        )
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a descriptor to put in place of others
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        asyncio.run(running.run(settings, lambda _: None))
    finally:
        os._exit(1)


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the mutant's module, and loads it with the change."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: object = None,  # noqa: ARG002 - as the interface has it
        target: ModuleType | None = None,  # noqa: ARG002 - as above
    ) -> importlib.machinery.ModuleSpec | None:
        """The module that is changed; nothing for any other."""
        if fullname != self._mutant.module:
            return None
        file = SERVER / self._mutant.path
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(file), is_package=file.stem == "__init__")
        if file.stem == "__init__":
            spec.submodule_search_locations = [str(file.parent)]
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed module."""
        file = SERVER / self._mutant.path
        source = self._mutant.change.applied(file.read_text("utf-8"))
        exec(compile(source, str(file), "exec", dont_inherit=True), module.__dict__)


def _one_line(text: str) -> str:
    return " ".join(text.split())
