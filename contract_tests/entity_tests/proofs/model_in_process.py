"""The reference server in this process, for the state machine: empty, with its own clock, right or wrong on purpose.

The server is the real one from the request line inwards, on a database in memory. The machine waits for each answer in
its own thread, without connections: that is what makes a server for each of some hundred faults affordable.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.oracle.messages import Answer, Caller, Request, answer_of
from entity_conformance.oracle.records import Record
from entity_contract import Contract, Entity
from entity_server.app import utc_now
from entity_server.domain.keys import SCOPES, KeyRequest
from entity_server.faults import Fault
from entity_server.http.issuing import issue_key
from entity_server.http.operations import CompiledContract
from entity_server.store import Store, open_store

from entity_tests.deployments.in_process import URL, GatewayTransport, compiled_once
from entity_tests.deployments.in_process import Deployment as Composed
from entity_tests.model.deployment import TICK, Aside

USERS = (("Ada", "ada@example.com"), ("Ben", "ben@example.org"), ("zoë", "z@example.com"))
CALLERS: tuple[Caller, ...] = ("api_key", "other_api_key")
RUNS = 25
BASE = f"{URL}/api/v1"
UNLIMITED = "1000000/hour"
NOW = datetime(2025, 2, 27, 22, 59, 58, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a server: a transport, the keys of two users, and every user's record."""

    transport: httpx.AsyncBaseTransport
    keys: Mapping[Caller, str] = field(repr=False)
    directory: tuple[Record, ...]


@dataclass(slots=True)
class InProcess:
    """A server as the machine needs it. `now` stands still until it is moved."""

    connection: Connection
    loop: asyncio.AbstractEventLoop
    clock: "Clock"
    exact: bool = True
    mark: str | None = None
    callers: tuple[Caller, ...] = CALLERS
    aside: Aside = field(default_factory=Aside)

    @property
    def directory(self) -> tuple[Record, ...]:
        """Every user's record."""
        return self.connection.directory

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        """The answer, after the clock has moved."""
        self.clock.now += pause
        headers = {**request.headers, "Authorization": f"Bearer {self.connection.keys[request.caller]}"}
        asked = httpx.Request(
            request.method, request.link or BASE + request.target, headers=headers, content=request.content
        )
        response = self.loop.run_until_complete(self.connection.transport.handle_async_request(asked))
        found = Headers(tuple(response.headers.multi_items()))
        reply = Reply("", request.method, str(asked.url), request.caller, response.status_code, found, response.content)
        return answer_of(reply, self.clock.now)

    def rest(self) -> None:
        """Nothing is late."""

    def invent(self, record_id: str) -> None:
        """Nothing: there are no records of others."""

    def is_vacant(self, entity: Entity, record_id: str) -> bool:  # noqa: ARG002
        """As `invent`: a record that is there all the same is a difference."""
        return True

    def narrowing(self, entity: Entity, records: Sequence[Record]) -> str:  # noqa: ARG002
        """As `invent`."""
        return ""


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Servers:
    """Servers, one after the other: each with users and a clock of its own, on a database that they share.

    To open a database takes as long as fifty requests. It is renewed before the records of earlier runs, which nobody
    sees any more, make it slow.
    """

    contract: Contract
    compiled: CompiledContract
    runner: asyncio.Runner
    _store: Store | None = None
    _runs: int = 0
    _users: tuple[str, ...] = ()

    def opened(self, faults: Sequence[Fault] = ()) -> InProcess:
        """A server with three users, two of whom ask, and no records that they can see."""
        clock = Clock()
        return InProcess(self.connected(faults, clock), self.runner.get_loop(), clock)

    def connected(self, faults: Sequence[Fault] = (), clock: Callable[[], datetime] = utc_now) -> Connection:
        """How to reach such a server, for clients of any kind."""
        run, now = self.runner.run, clock()
        store = self._renewed() if self._store is None or self._runs % RUNS == 0 else self._store
        self._runs += 1
        for user in self._users:
            run(store.records.delete(store.users.entity, user, ""))
        self._users = tuple(f"usr_{self._runs}_{name.lower()}" for name, _ in USERS)
        named = zip(self._users, USERS, strict=True)
        directory = tuple(run(store.users.add(name, email, id=id_, now=now)) for id_, (name, email) in named)
        asked = KeyRequest("model", SCOPES, None)
        users = zip(CALLERS, self._users, strict=False)
        keys = {caller: run(issue_key(store.keys, user, asked, now=now))[1] for caller, user in users}
        composed = Composed(self.contract, self.contract, store, self.compiled, Given(**keys))
        return Connection(GatewayTransport(composed.gateway(faults, clock=clock, limit=UNLIMITED)), keys, directory)

    def close(self) -> None:
        """Let go of the database."""
        if self._store is not None:
            self.runner.run(self._store.close())
            self._store = None

    def _renewed(self) -> Store:
        self.close()
        self._users = ()
        self._store = self.runner.run(open_store("sqlite://:memory:", self.contract))
        return self._store


@contextmanager
def in_process(contract: Contract) -> Iterator[Servers]:
    """Servers, one at a time; without the log, in which a faulty one names its fault."""
    logging.disable(logging.ERROR)
    with asyncio.Runner() as runner:
        servers = Servers(contract, compiled_once(contract), runner)
        try:
            yield servers
        finally:
            servers.close()
            logging.disable(logging.NOTSET)
