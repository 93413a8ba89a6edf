"""Each hostile behaviour, and the runner on it: `python -m entity_tests.proofs.hostile.sweep [GLOB]...`.

A run must end by itself in its `--max-time` and LATER seconds more, in less than MEMORY bytes, with a true exit code,
and name the fault. It prints no traceback, nothing that a terminal or a CI system obeys, and no credential; what the
deployment kept is as before, or told. Whatever is not so is printed, and the exit code is 1 then.
"""

import argparse
import json
import re
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import trustme
from anyio.from_thread import start_blocking_portal

from entity_tests.deployments.serving import UNLIMITED, Served, environment, serving
from entity_tests.proofs.hostile.catalogue import INCONCLUSIVE, LEFT_BEHIND, Behaviour, behaviours
from entity_tests.proofs.hostile.proxy import proxying

MAX_TIME, TIMEOUT, LATER = 20.0, 4.0, 5.0
"""Seconds: of a run, of an exchange (a busy machine may answer after two), and what a run may take beyond its time."""

START = 10.0
"""Seconds that an interpreter may take to start on a busy machine, which is not the run's own time."""

MEMORY = 300 * 1024 * 1024
_HELD = re.compile(r"VmHWM:\s+(\d+) kB")
"""The most that a process has held, as Linux tells it: what its parent held when it began is not in it."""
FORMATS = ("json", "junit")
CUT = "cut"
"""The way of TLS that ends before it has come about."""
_OBEYED = re.compile(r"^\s*::|##(?:vso|teamcity)?\[", re.MULTILINE)
"""What GitHub obeys at the beginning of a line, and others anywhere in it."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
PART = 12
"""Characters of a credential that nothing may tell."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: `code` is None where it was killed, `memory` is in bytes, `wrong` is what was not right."""

    behaviour: str
    code: int | None
    seconds: float
    memory: int
    wrong: tuple[str, ...]

    def line(self) -> str:
        """In one line."""
        figures = f"exit {self.code}, {self.seconds:.1f} s, {self.memory / 1024**2:.0f} MB"
        return "; ".join((f"{'WRONG' if self.wrong else 'right'}  {self.behaviour}: {figures}", *self.wrong))


def ended(behaviour: Behaviour, served: Served, folder: Path, *options: str, command: str = "run") -> Ended:
    """Run a command on a deployment that behaves so."""
    before = _rows(served.database)
    context, trusted = (None, None) if behaviour.tls is None else _certificate(behaviour.tls, folder)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            proxying(served.base_url, behaviour.act, tls=context, is_cut=behaviour.tls == CUT)
        ) as proxy,
    ):
        reports = [word for form in FORMATS for word in ("--report", f"{form}={folder / f'report.{form}'}")]
        limits = ["--max-time", str(MAX_TIME), "--timeout", str(TIMEOUT), "--max-wait", "5"]
        variables = {
            **environment(),
            "CONFORMANCE_API_KEY": served.credentials["apiKey"],
            "CONFORMANCE_OTHER_API_KEY": served.credentials["otherApiKey"],
            "CONFORMANCE_SESSION": served.credentials["sessionToken"],
            "XDG_STATE_HOME": str(folder / "state"),
            **({} if trusted is None else {"SSL_CERT_FILE": str(trusted)}),
        }
        began = time.monotonic()
        with (folder / "console.txt").open("wb") as console:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "entity_conformance", command, proxy.url, *limits, *reports, *options],
                cwd=folder,
                env=variables,
                stdout=console,
                stderr=console,
            )
            code, memory = _waited(process, began + MAX_TIME + LATER + START + 15)
        seconds = time.monotonic() - began
    files = [folder / "console.txt", *(folder / f"report.{form}" for form in FORMATS)]
    told = {file.name: file.read_text("utf-8", "replace") for file in files if file.exists()}
    if command in behaviour.unseen_by and code in {0, INCONCLUSIVE}:
        behaviour = replace(behaviour, codes=frozenset({0}), named="")
    wrong = [*_wrong(behaviour, code, seconds, memory, told), *_kept(told, served)]
    after, is_told = _rows(served.database), "left behind" in told["console.txt"]
    if after != before and not is_told:
        wrong.append(f"rows {_difference(before, after)}, and nothing of it is told")
    return Ended(behaviour.name, code, seconds, memory, tuple(wrong))


def _wrong(behaviour: Behaviour, code: int | None, seconds: float, memory: int, told: dict[str, str]) -> Iterator[str]:
    console = told["console.txt"]
    true = behaviour.codes | ({LEFT_BEHIND} if "left behind" in console else set())
    if "(--max-time)" in console and code == INCONCLUSIVE:
        true |= {INCONCLUSIVE}  # nothing was found wrong in the time that there was
    if code not in true:
        yield f"exit {code}, not {' or '.join(map(str, sorted(behaviour.codes)))}"
    if seconds > MAX_TIME + LATER + START:
        yield f"took {seconds:.1f} s"
    if memory > MEMORY:
        yield f"took {memory / 1024**2:.0f} MB"
    if code in {0, 1, 3} and "report.json" not in told:
        yield "no report"
    if not re.search(behaviour.named, console + _findings(told.get("report.json", "{}"))):
        yield f"does not name it: {console.strip().splitlines()[-1:]}"
    if "Traceback" in console or "defect" in console:
        yield f"a defect: {[line for line in console.splitlines() if 'defect' in line or 'Error' in line][:2]}"


def _kept(told: dict[str, str], served: Served) -> Iterator[str]:
    """What got into what the run wrote, and must not."""
    secrets = [secret for name, secret in served.credentials.items() if name != "baseUrl"]
    for name, text in told.items():
        for secret in secrets:
            for spelling in (secret, secret[::-1], secret.encode().hex()):
                if spelling in text:
                    yield f"a credential in {name}"
            private = re.sub("^sk_[a-z]+_", "", secret)
            if any(private[at : at + PART] in text for at in range(len(private) - PART + 1)):
                yield f"a part of a credential in {name}"
        if (obeyed := _CONTROL.search(text if name != "report.json" else "")) is not None:
            yield f"{obeyed.group()!r} in {name}"
        if (command := _OBEYED.search(text)) is not None:
            yield f"the CI command {command.group().strip()} in {name}"


def _findings(report: str) -> str:
    """What a JSON report says of findings, for people."""
    known = json.loads(report)
    results = [one for one in known.get("results", ()) if one["outcome"] not in {"passed", "skipped"}]
    return "\n".join(
        f"{one['requirement']} {one.get('message')} {one.get('expected')} {one.get('actual')}" for one in results
    )


def _waited(process: subprocess.Popen[bytes], until: float) -> tuple[int | None, int]:
    """The exit code of a process, or None where it had to be killed at that time, and the most memory that it took."""
    memory = 0
    while True:
        is_late = time.monotonic() > until
        if is_late:
            process.kill()
        if (code := process.wait() if is_late else process.poll()) is not None:
            return None if is_late else code, memory
        with suppress(OSError):  # it ended meanwhile
            held = _HELD.search(Path(f"/proc/{process.pid}/status").read_text())
            memory = max(memory, int(held[1]) * 1024 if held else 0)
        time.sleep(0.02)


def _rows(database: Path) -> dict[str, tuple[object, ...]]:
    """How many rows each table has, and when one of them was changed last."""
    with sqlite3.connect(database) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: tuple(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()) for name in tables}


def _difference(before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]) -> str:
    return ", ".join(f"{name}: {before[name]} to {after[name]}" for name in before if before[name] != after[name])


def _certificate(wrong: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context that is wrong in such a way, and the CA file that the runner trusts."""
    authority, other = trustme.CA(), trustme.CA()
    match wrong:
        case "self-signed":
            issued = other.issue_cert("127.0.0.1")
        case "other-host":
            issued = authority.issue_cert("api.example.test")
        case "expired":
            issued = authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC))
        case "not-yet-valid":
            issued = authority.issue_cert("127.0.0.1", not_before=datetime(2090, 1, 1, tzinfo=UTC))
        case _:
            issued = authority.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    if wrong == "client-certificate":
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
    elif wrong == "old-version":
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    trusted = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return context, trusted


def chosen(patterns: Iterable[str]) -> list[Behaviour]:
    """The behaviours whose name fits one of the patterns; all of them without any."""
    wanted = tuple(patterns) or ("*",)
    return [one for one in behaviours().values() if any(fnmatchcase(one.name, pattern) for pattern in wanted)]


def main() -> int:
    """Try those that were asked for, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m entity_tests.proofs.hostile.sweep")
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--command", default="run")
    asked = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        with serving(folder / "server", *UNLIMITED) as served:
            for behaviour in chosen(asked.patterns):
                (folder / behaviour.name).mkdir()
                found.append(ended(behaviour, served, folder / behaviour.name, command=asked.command))
                print(found[-1].line(), flush=True)  # noqa: T201
    right = sum(not one.wrong for one in found)
    most = max((one.memory for one in found), default=0) // 1024**2
    print(f"{right} of {len(found)} right, in at most {most} MB")  # noqa: T201
    return 0 if found and right == len(found) else 1


if __name__ == "__main__":
    sys.exit(main())
