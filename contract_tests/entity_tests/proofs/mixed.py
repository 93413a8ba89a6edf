"""A million mixed requests: `python -m entity_tests.proofs.mixed [REQUESTS] [SEED]`, by default 1,000,000 and 1.

Eight clients send requests of every kind to one reference server on SQLite (CONTRACT_TESTS_DATABASE names another).
Each answer has to be the one that is due, and its body and headers as the document says: judged by validators of its
own, which are made of openapi.yaml alone. Ends with 1 for any 5xx, any other answer than is due, any violation, and
where the server's memory at the end is above 1.3 times that after 10,000 requests. Traffic goes to loopback only.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import psutil
from entity_contract import Contract, Operation, load

from entity_tests.deployments.serving import Served, serving
from entity_tests.proofs.mixed_requests import Asked, Client

REQUESTS, SEED, CLIENTS = 1_000_000, 1, 8
WARM, GROWTH = 10_000, 1.3
SHOWN, EVERY = 20, 100_000
DATABASE = "CONTRACT_TESTS_DATABASE"
UNLIMITED = ("--key-limit", "100000000/hour", "--session-limit", "100000000/hour")


class Judge:
    """What an answer has to be by the document: a validator for each documented answer, made when it is needed."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._bodies: dict[tuple[str, int], Any] = {}
        self._error = self._validator("#/components/schemas/ErrorResponse")

    def wrong(self, asked: Asked, status: int, headers: Mapping[str, str], body: object) -> str | None:
        """What is wrong with the answer to that, None for nothing."""
        if status != asked.due:
            return f"{status} instead of {asked.due}: {json.dumps(body)[:300]}"
        needed: tuple[str, ...] = ("x-request-id",)
        if asked.operation is None:
            validator = self._error
        else:
            response = asked.operation.response(status)
            if response is None:
                return f"{status} is not documented for {asked.operation.id}"
            validator = self._of(asked.operation, status, response.schema)
            needed = tuple(one.name.lower() for one in response.headers if one.required)
        lacking = [name for name in needed if name not in headers]
        if lacking:
            return f"{status} without the headers {', '.join(lacking)}"
        error = next(iter(validator.iter_errors(body)), None)
        return None if error is None else f"{status}: {error.message[:300]}"

    def _of(self, operation: Operation, status: int, schema: str) -> Any:
        known = self._bodies.get((operation.id, status))
        if known is None:
            known = self._bodies[operation.id, status] = self._validator(schema)
        return known

    def _validator(self, schema: str) -> Any:
        return jsonschema_rs.Draft202012Validator(self._contract.schema(schema), validate_formats=True)


@dataclass(slots=True)
class Seen:
    """What came of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: dict[int, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Answers so far."""
        return self.statuses.total()


async def run(served: Served, contract: Contract, requests: int, seed: int, server: psutil.Process) -> Seen:
    """Send so many requests, and note what is wrong and how much memory the server takes."""
    seen, judge = Seen(), Judge(contract)

    async def client(number: int) -> None:
        knowing = Client(contract, served.credentials, random.Random(f"{seed}-{number}"))
        connection = await _Connection.opened(served)
        while seen.sent < requests and len(seen.wrong) < SHOWN:
            asked = knowing.next()
            status, headers, body = await connection.ask(asked)
            seen.statuses[status] += 1
            wrong = judge.wrong(asked, status, headers, body)
            if wrong is None:
                knowing.happened(asked, body)
            else:
                seen.wrong.append(f"{asked.method} {asked.path}: {wrong}")
            if seen.sent == WARM or seen.sent % EVERY == 0:
                seen.memory[seen.sent] = server.memory_info().rss
                print(f"{seen.sent} answers, {seen.memory[seen.sent] / 2**20:.0f} MiB", flush=True)  # noqa: T201 - a program
        connection.close()

    await asyncio.gather(*map(client, range(CLIENTS)))
    seen.memory[seen.sent] = server.memory_info().rss
    return seen


class _Connection:
    """One connection that is kept: a client of httpx takes as long as the server itself."""

    def __init__(self, base: str, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._base, self._host = base, host
        self._reader, self._writer = reader, writer

    @classmethod
    async def opened(cls, served: Served) -> "_Connection":
        url = urlsplit(served.base_url)
        assert url.hostname is not None
        return cls(url.path, url.netloc, *await asyncio.open_connection(url.hostname, url.port, limit=2**24))

    async def ask(self, asked: Asked) -> tuple[int, dict[str, str], Any]:
        """Status, headers by lower-case name, and the JSON of the body."""
        base = self._base if asked.path.partition("?")[0] != "/health" else self._base.removesuffix("/v1")
        head = f"{asked.method} {base}{asked.path} HTTP/1.1\r\nHost: {self._host}\r\n"
        if asked.key is not None:
            head += f"Authorization: Bearer {asked.key}\r\n"
        if asked.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(asked.body)}\r\n"
        self._writer.write(f"{head}\r\n".encode() + asked.body)
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(first.split(" ")[1]), headers, json.loads(body) if body else None

    def close(self) -> None:
        self._writer.close()


def missed(seen: Seen) -> list[str]:
    """Which figures are missed."""
    found = list(seen.wrong)
    errors = sum(count for status, count in seen.statuses.items() if status >= 500)
    if errors:
        found.append(f"{errors} answers of 5xx")
    if WARM not in seen.memory:
        return [*found, f"fewer than {WARM} answers came: nothing is known of the memory"]
    growth = seen.memory[seen.sent] / seen.memory[WARM]
    if growth > GROWTH:
        found.append(f"the memory is {growth:.2f} times that at {WARM} requests, {GROWTH} at most wanted")
    return found


def main(requests: int, seed: int) -> int:
    """Run, print, judge."""
    begun, given = time.monotonic(), os.environ.get(DATABASE)
    options = (*UNLIMITED, "--database", given) if given else UNLIMITED
    with tempfile.TemporaryDirectory() as name, serving(Path(name), *options) as served:
        server = psutil.Process(served.pid)
        seen = asyncio.run(run(served, load(), requests, seed, server))
        used = sum(server.cpu_times()[:2])
    told = ", ".join(f"{status}: {count}" for status, count in sorted(seen.statuses.items()))
    memory = ", ".join(f"{size / 2**20:.0f} MiB at {at}" for at, size in sorted(seen.memory.items()))
    print(f"{seen.sent} answers in {time.monotonic() - begun:.0f} s ({used:.0f} s of the server's CPU); {told}")  # noqa: T201
    print(f"memory: {memory}")  # noqa: T201
    wrong = missed(seen)
    print("\n".join(wrong) or "every figure is met")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(*given, *(REQUESTS, SEED)[len(given) :]))
