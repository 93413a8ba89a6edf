"""The whole comparison by one command: `python -m benchmarks`.

The reference server on each storage beside its peers, and the store beside its drivers; the tables and the plot go into
docs/performance.md and docs/performance.svg (`--into FOLDER`: elsewhere). Peers get environments of their own, made
by pip and npm in a temporary folder (`--environments FOLDER`: one that is kept and used again). It is bounded: requests
are counted, and 15 rounds take some ten minutes. Linux only.

Servers share one CPU, and the client has another. What cannot run is said on the terminal and in its row, and the
command ends with 1; a target that is missed is marked in its row, and is no failure of the command.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import documents, machine, page, plot, store
from benchmarks.contenders import CONTENDERS, Contender, Place
from benchmarks.environments import Environment, NotRun
from benchmarks.rounds import REQUESTS, Measured, measured
from benchmarks.traffic import ROOT, NotStarted, Server, started
from server.tests.services import Postgres, postgres_server

DOCS = ROOT / "docs"
ROUNDS, STORE_RECORDS = 15, 1000


def main(arguments: Sequence[str]) -> int:
    """Measure, write, and return the exit status."""
    given = _given(arguments)
    chosen = [one for one in CONTENDERS if given.only is None or one.id in given.only]
    template = _template(given.into)
    not_run = {one.id: "left out by --only" for one in CONTENDERS if one not in chosen}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environments = given.environments or folder / "environments"
        environments.mkdir(parents=True, exist_ok=True)
        postgres = stack.enter_context(postgres_server())
        postgres.execute("CREATE SCHEMA ours; CREATE SCHEMA store;")
        found, failed, versions = _compared(chosen, folder, environments, postgres, given.rounds)
        print("the store beside its drivers ...", file=sys.stderr)
        tables = {} if given.without_store else {
            "store on SQLite": store.on_sqlite(STORE_RECORDS),
            "store on PostgreSQL": store.on_postgres(STORE_RECORDS, postgres.url),
        }  # fmt: skip
    not_run |= failed
    tables |= {
        "machine": [machine.told(), "", f"{given.rounds} rounds. Peers: {', '.join(versions) or 'none'}."],
        "servers": page.servers(CONTENDERS, found, not_run),
        "targets": page.targets(CONTENDERS, found, not_run),
    }
    for name, lines in tables.items():
        template = page.replaced(template, name, lines)
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / "performance.md").write_text(template)
    (given.into / "performance.svg").write_text(_plot(found, not_run))
    print("\n".join(line for name in ("servers", "targets") for line in (*tables[name], "")))
    for id_, reason in failed.items():
        print(f"not run: {id_}: {reason}", file=sys.stderr)
    print(f"written: {given.into / 'performance.md'} and performance.svg", file=sys.stderr)
    return 1 if failed else 0


def _given(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    names = ", ".join(one.id for one in CONTENDERS)
    parser.add_argument("--only", type=_names, metavar="NAMES", help=f"some of these, by commas: {names}")
    parser.add_argument("--rounds", type=_positive, default=ROUNDS, help=f"{ROUNDS} without it")
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="keep the peers' environments here")
    parser.add_argument("--into", type=Path, metavar="FOLDER", default=DOCS, help="docs without it")
    parser.add_argument("--without-store", action="store_true", help="leave the tables of the store as they are")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names, known = text.split(","), [one.id for one in CONTENDERS]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"no server is called {unknown[0]!r}; there are {', '.join(known)}")
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _template(into: Path) -> str:
    """The page as it is there, or as it is in docs."""
    file = into / "performance.md"
    return (file if file.exists() else DOCS / "performance.md").read_text()


def _compared(
    chosen: Sequence[Contender], folder: Path, environments: Path, postgres: Postgres, rounds: int
) -> tuple[Measured, dict[str, str], list[str]]:
    """What was measured, why some were not, and the versions of the peers."""
    failed: dict[str, str] = {}
    versions: dict[str, None] = {}
    servers: dict[str, Server] = {}
    document = documents.contract_document(ROOT / "openapi.yaml")
    documents.for_prism(document, folder / "prism.json")
    documents.for_connexion(document, folder / "connexion.json")
    cpus = sorted(os.sched_getaffinity(0))
    with ExitStack() as running:
        for one in chosen:
            print(f"starting {one.id} ...", file=sys.stderr)
            try:
                program = _made(one.environment, environments, versions)
                place = Place(folder / one.id, program, postgres.url, folder)
                servers[one.id] = running.enter_context(started(one.command(place), place.folder, {cpus[0]}))
            except (NotRun, NotStarted) as error:
                failed[one.id] = str(error)
        os.sched_setaffinity(0, {cpus[-1]})
        print(f"{rounds} rounds of {len(servers)} servers ...", file=sys.stderr)
        found = asyncio.run(measured(servers, rounds))
        os.sched_setaffinity(0, set(cpus))
    return found, failed | found.failed, list(versions)


def _made(environment: Environment | None, folder: Path, versions: dict[str, None]) -> Path:
    """The program of an environment; its versions are noted. Raises NotRun."""
    if environment is None:
        return Path(sys.executable)
    program = environment.made(folder)
    versions.update(dict.fromkeys(environment.versions(folder)))
    return program


def _plot(found: Measured, not_run: Mapping[str, str]) -> str:
    rows = [
        (
            one.title,
            one.target is None,
            {} if one.id in not_run else {name: found.cpu(one.id, name) for name in REQUESTS},
        )
        for one in CONTENDERS
    ]
    return plot.svg(rows, tuple(REQUESTS), "CPU for a list of 20, a read and a create")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
