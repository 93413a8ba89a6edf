"""Large tables: `python -m benchmarks.large [--records N] [--database sqlite|postgres] [--text-index] [--seconds S]`.

One owner with N records (1,000,000 by default) beside one with 1,000, each in a database and a server of its own, on
the database that is named or on both. Two tables, as Markdown has them:

1. CPU microseconds a request of the server's process with few and with many records: lists by every order, a read, a
   create. Medians of rounds that alternate. Then milliseconds by the clock for what reads many records.
2. By-id reads a second of eight clients, alone and beside clients that search all the time, in turns; and how long a
   health check took meanwhile (99 %).

Records are made by one statement. PostgreSQL is started here. Everything is in a temporary folder, which goes at
the end. Linux only; with 1,000,000 records about five minutes a database.
"""

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]
from entity_server.running import run
from entity_server.settings import Settings

from benchmarks.server_process import UNLIMITED
from benchmarks.traffic import CONNECTIONS, TASK, Server, sample, send, started
from server.tests.services import postgres_server

MANY, FEW, ROUNDS, SECONDS = 1_000_000, 1_000, 5, 6.0
SORTS = ("id", "title", "description", "status", "priority", "assigneeId", "createdAt", "updatedAt")
NEVER = "quixotic"

# A rare word is in one record of 10,000, a common one in every second; two users have a seventh each.
FILL = """
INSERT INTO entity_tasks (id, title, description, status, priority, "assigneeId", "createdAt", "updatedAt",
  "id$folded", "title$folded", "description$folded", "status$folded", "priority$folded", "assigneeId$folded", "$owner")
SELECT id, title, description, status, priority, assignee, created, created,
  id, lower(title), lower(description), status, priority, assignee, 'usr_demo_ada' FROM (
    SELECT 'tsk_' || {padded} AS id,
      'Task ' || n || CASE WHEN n % 2 = 0 THEN ' for the workshop' ELSE ' for the office' END AS title,
      'Step ' || (n % 1009) || ' of the plan'
        || CASE WHEN n % 10000 = 77 THEN ' with the zeppelin' ELSE '' END AS description,
      CASE n % 10 WHEN 0 THEN 'completed' WHEN 1 THEN 'in_progress' ELSE 'todo' END AS status,
      CASE n % 3 WHEN 0 THEN 'low' WHEN 1 THEN 'medium' ELSE 'high' END AS priority,
      CASE n % 7 WHEN 0 THEN 'usr_demo_ada' END AS assignee, {created} AS created
    FROM {numbers}) made
"""
SQLITE = {
    "numbers": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {records}) SELECT n FROM c)",
    "padded": "printf('%09d', n)",
    "created": "strftime('%Y-%m-%dT%H:%M:%f', 1700000000 + n, 'unixepoch') || '000Z'",
}
POSTGRES = {
    "numbers": "generate_series(1, {records}) n",
    "padded": "lpad(n::text, 9, '0')",
    "created": "to_timestamp(1700000000 + n)",
}


def serve(folder: Path, database: str, text_index: str) -> None:
    """The reference server with its demo until SIGTERM; credentials go into the folder."""
    settings = Settings(
        port=0,
        database=database,
        demo=True,
        credentials=folder / "credentials.json",
        key_limit=UNLIMITED,
        session_limit=UNLIMITED,
        text_index=text_index == "on",
    )
    asyncio.run(run(settings, say=lambda _: None))


def fill(database: str, records: int) -> None:
    """Make so many records beside a running server."""
    if database.startswith("sqlite://"):
        statement = FILL.format(**{**SQLITE, "numbers": SQLITE["numbers"].format(records=records)})
        with closing(
            sqlite3.connect(database.removeprefix("sqlite://"), timeout=60, isolation_level=None)
        ) as connection:
            connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return
    statement = FILL.format(**{**POSTGRES, "numbers": POSTGRES["numbers"].format(records=records)})
    asyncio.run(_executed(database, statement, "VACUUM ANALYZE"))


async def _executed(database: str, *statements: str) -> None:
    url, _, schema = database.partition("&schema=")
    settings = {"search_path": schema} if schema else {}
    connection = await asyncpg.connect(url, server_settings=settings)
    for statement in statements:
        await connection.execute(statement, timeout=3600)
    await connection.close()


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two databases, for few records and for many."""
    if kind == "sqlite":
        yield f"sqlite://{folder}/few.sqlite3", f"sqlite://{folder}/many.sqlite3"
        return
    with postgres_server() as server:
        server.execute("CREATE SCHEMA few; CREATE SCHEMA many;")
        yield f"{server.url}&schema=few", f"{server.url}&schema=many"


def requests(server: Server) -> dict[str, bytes]:
    """What few and many records are compared by."""
    asked = {"list": server.request("GET", "/tasks?limit=20")}
    for name in SORTS:
        for order in ("asc", "desc"):
            asked[f"list by {name} {order}"] = server.request("GET", f"/tasks?limit=20&sort={name}&order={order}")
    asked["read"] = server.request("GET", f"/tasks/tsk_{FEW // 2:09}")
    asked["create"] = server.request("POST", "/tasks", TASK)
    return asked


def heavy(server: Server, records: int) -> dict[str, bytes]:
    """What reads many records, or would without an index."""
    completed = quote('{"status": "completed"}')
    two = quote('{"status": "todo", "priority": {"$in": ["low", "high"]}}')
    contained = quote('{"description": {"$contains": "Zeppelin"}}')
    paths = {
        "filter by status": f"filter={completed}",
        "filter by two, sorted": f"filter={two}&sort=title",
        "search, rare word": "search=Zeppelin",
        "search, common word": "search=workshop",
        "search, no such word": f"search={NEVER}",
        "search, two characters": "search=ze",
        "$contains, rare": f"filter={contained}",
        "deepest page": f"page={records // 20}",
        "deepest page, sorted": f"page={records // 20}&sort=title",
    }
    return {name: server.request("GET", f"/tasks?limit=20&{path}") for name, path in paths.items()}


async def growth(few: Server, many: Server) -> list[str]:
    """The rows of the first table."""
    small, large = requests(few), requests(many)
    rows = ["| CPU µs a request | 1,000 records | many | times |", "|---|---|---|---|"]
    pairs: dict[str, list[list[float]]] = {name: [] for name in small}
    for number in range(ROUNDS + 1):
        for name, found in pairs.items():
            pair = [(await sample(few, small[name], 80)).cpu, (await sample(many, large[name], 80)).cpu]
            if number:  # the first round warms up: the server writes a long log back, too
                found.append(pair)
    for name, found in pairs.items():
        cpu = [statistics.median(pair[side] for pair in found) for side in (0, 1)]
        rows.append(f"| {name} | {cpu[0]:.0f} | {cpu[1]:.0f} | {cpu[1] / cpu[0]:.2f} |")
    return rows


async def waits(server: Server, records: int) -> list[str]:
    """How long one client waits for what reads many records."""
    rows = ["| milliseconds by the clock, one client | median of 5 |", "|---|---|"]
    for name, request in heavy(server, records).items():
        rows.append(f"| {name} | {statistics.median([await asked(server, request) for _ in range(5)]) * 1e3:.1f} |")
    return rows


async def asked(server: Server, request: bytes) -> float:
    """The seconds that one request takes on a connection of its own."""
    started_at = time.perf_counter()
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 20"):
        raise SystemExit(f"refused: {head[:60]!r}")
    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    seconds = time.perf_counter() - started_at
    writer.close()
    return seconds


async def reads(server: Server, seconds: float, searching: int) -> tuple[float, float]:
    """By-id reads a second, and the 99 % of the health check's milliseconds, beside so many clients that search."""
    over = asyncio.Event()
    read = server.request("GET", f"/tasks/tsk_{FEW // 2:09}")
    health = server.request("GET", "/health").replace(b"/v1/health", b"/health", 1)
    search = server.request("GET", f"/tasks?search={NEVER[:2]}%20{NEVER[2:]}")
    took: list[float] = []

    async def search_on() -> None:
        while not over.is_set():
            await asked(server, search)

    async def ask_health() -> None:
        while not over.is_set():
            took.append(await asked(server, health))
            await asyncio.sleep(0.02)

    others = [asyncio.create_task(task) for task in (ask_health(), *(search_on() for _ in range(searching)))]
    await asyncio.sleep(0.2)
    number, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        await send(server, read, 10 * CONNECTIONS)
        number += 10 * CONNECTIONS
    rate = number / (time.perf_counter() - began)
    over.set()
    await asyncio.gather(*others)
    return rate, sorted(took)[int(len(took) * 0.99)] * 1e3


async def beside(server: Server, seconds: float) -> list[str]:
    """The rows of the second table."""
    rows = ["| beside | by-id reads a second | share of those alone | health, 99 % |", "|---|---|---|---|"]
    found: dict[int, list[tuple[float, float]]] = {0: [], 1: [], 12: []}
    for _ in range(3):
        for searching, results in found.items():
            results.append(await reads(server, seconds, searching))
    alone = statistics.median(one for one, _ in found[0])
    for searching, results in found.items():
        rate = statistics.median(one for one, _ in results)
        health = statistics.median(one for _, one in results)
        rows.append(f"| {searching or 'nobody'} searching | {rate:.0f} | {rate / alone:.0%} | {health:.0f} ms |")
    return rows


def measured(kind: str, records: int, text_index: str, seconds: float) -> list[str]:
    """All rows for one database."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        servers = []
        for url, number in zip(stack.enter_context(databases(kind, folder)), (FEW, records), strict=True):
            place = folder / str(number)
            command = [sys.executable, "-P", "-m", "benchmarks.large", "--serve", str(place), url, text_index]
            servers.append(stack.enter_context(started(command, place, set(range(64)))))
            fill(url, number)
        few, many = servers
        rows = [f"## {kind}, {records:,} records, text index {text_index}", ""]
        for part in (growth(few, many), waits(many, records), beside(many, seconds)):
            rows += [*asyncio.run(part), ""]
        return rows


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if arguments[:1] == ["--serve"]:
        serve(Path(arguments[1]), arguments[2], arguments[3])
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=MANY)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    parser.add_argument("--text-index", action="store_true")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each turn of the second table")
    given = parser.parse_args(arguments)
    for kind in (given.database,) if given.database else ("sqlite", "postgres"):
        print("\n".join(measured(kind, given.records, "on" if given.text_index else "off", given.seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
