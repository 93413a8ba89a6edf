"""Who is compared: the reference server on each storage, and its peers, each with what is wanted of it.

One table. A target says how many times as much CPU a peer has to take as the reference server that it is compared with,
or (`at_most`) how many times as much the reference server may take.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environments import Environment, NodeEnvironment, PythonEnvironment

PEERS = Path(__file__).resolve().parent / "peers"
OURS = (sys.executable, "-P", "-m", "benchmarks.server_process")
_SERVED = ("uvicorn", "uvloop", "httptools")
_FILE = "sqlite://{folder}/bench.sqlite3"


@dataclass(frozen=True, slots=True)
class Place:
    """What a command may need: a folder of its own, its program, PostgreSQL's URL, and the documents for peers."""

    folder: Path
    program: Path
    postgres: str = field(repr=False)
    documents: Path


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted beside which reference server, by request."""

    beside: str
    times: Mapping[str, float]
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to measure. `environment` is None for what runs in this process's own."""

    id: str
    title: str
    command: Callable[[Place], list[str]]
    environment: Environment | None = None
    target: Target | None = None
    postgres: bool = False


def _ours(where: str, *option: str) -> Callable[[Place], list[str]]:
    return lambda place: [*OURS, str(place.folder), where.format(folder=place.folder), *option]


def _fastapi(*kind: str) -> Callable[[Place], list[str]]:
    return lambda place: [str(place.program), str(PEERS / "fastapi_peer.py"), str(place.folder), *kind]


def _every(times: float) -> Mapping[str, float]:
    return {"list of 20": times, "read": times, "create": times}


CONTENDERS = (
    Contender("ours-nowhere", "reference server, no database", _ours("nowhere")),
    Contender("ours-memory", "reference server, SQLite in memory", _ours("sqlite://:memory:")),
    Contender("ours-sqlite", "reference server, SQLite", _ours(_FILE)),
    Contender("ours-control", "reference server, SQLite, --control-port", _ours(_FILE, "control-port")),
    Contender("ours-metrics", "reference server, SQLite, --control-port --metrics", _ours(_FILE, "metrics")),
    Contender("ours-text", "reference server, SQLite, --text-index", _ours(_FILE, "text-index")),
    Contender(
        "ours-postgres",
        "reference server, PostgreSQL",
        lambda place: [*OURS, str(place.folder), f"{place.postgres}&schema=ours"],
        postgres=True,
    ),
    Contender(
        "sanic",
        "bare Sanic, nothing validated, no database",
        lambda place: [sys.executable, str(PEERS / "bare_sanic.py"), str(place.folder)],
        target=Target("ours-nowhere", _every(2), at_most=True),
    ),
    Contender(
        "fastapi",
        "FastAPI + pydantic, no database",
        _fastapi("memory"),
        PythonEnvironment("fastapi", ("fastapi", *_SERVED)),
        Target("ours-nowhere", _every(2)),
    ),
    Contender(
        "fastapi-sqlite",
        "FastAPI + aiosqlite, SQL by hand",
        _fastapi("sqlite"),
        PythonEnvironment("fastapi-sqlite", ("fastapi", "aiosqlite", *_SERVED)),
        Target("ours-sqlite", _every(1)),
    ),
    Contender(
        "fastapi-postgres",
        "FastAPI + asyncpg, SQL by hand",
        lambda place: [*_fastapi("postgres")(place), place.postgres, "fastapi"],
        PythonEnvironment("fastapi-postgres", ("fastapi", "asyncpg", *_SERVED)),
        Target("ours-postgres", _every(1)),
        postgres=True,
    ),
    Contender(
        "connexion",
        "connexion 3, no database",
        lambda place: [
            str(place.program),
            "-Wignore",
            str(PEERS / "connexion_peer.py"),
            str(place.folder),
            str(place.documents / "connexion.json"),
        ],
        PythonEnvironment("connexion", ("connexion", *_SERVED)),
        Target("ours-nowhere", {"list of 20": 8, "read": 4, "create": 4}),
    ),
    Contender(
        "prism",
        "Prism, answers with examples",
        lambda place: [
            sys.executable,
            str(PEERS / "prism.py"),
            str(place.folder),
            str(place.program),
            str(place.documents / "prism.json"),
        ],
        NodeEnvironment("prism", "@stoplight/prism-cli", "prism"),
        Target("ours-nowhere", _every(8)),
    ),
)
