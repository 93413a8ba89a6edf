"""The reference server as a deployment in this process: empty, with a clock of its own, right or wrong on purpose.

Charter: composes; the server is the real one from the request line inwards, on a database in memory.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from entity_conformance.deployment.settings import Given
from entity_contract import Contract
from entity_server.app import utc_now
from entity_server.domain.keys import SCOPES, KeyRequest
from entity_server.faults import Fault
from entity_server.http.issuing import issue_key
from entity_server.http.validation import Validation, compile_validation
from entity_server.store import Store, open_store

from entity_tests.deployments.in_process import URL, GatewayTransport
from entity_tests.deployments.in_process import Deployment as Composed
from entity_tests.model.deployment import Clock, Deployment
from entity_tests.model.records import Record

USERS = (("Ada", "ada@example.com"), ("Ben", "ben@example.org"), ("zoë", "z@example.com"))
RUNS = 25
BASE = f"{URL}/api/v1"
UNLIMITED = "1000000/hour"


class Looped(httpx.BaseTransport):
    """An asynchronous transport for a client that is not."""

    def __init__(self, inner: httpx.AsyncBaseTransport, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        return self._runner.run(self._inner.handle_async_request(request))


@dataclass(frozen=True, slots=True)
class Line:
    """A way to a server: a transport, the keys of two users, and every user's record."""

    transport: httpx.BaseTransport
    keys: tuple[str, ...] = field(repr=False)
    directory: tuple[Record, ...]


@dataclass
class Stage:
    """Servers for one run after the other: each with users and a clock of its own, on a database that they share.

    To open a database takes as long as fifty requests; it is renewed before the records of earlier runs, which nobody
    sees any more, make it slow.
    """

    contract: Contract
    validation: Validation
    runner: asyncio.Runner
    _store: Store | None = None
    _runs: int = 0
    _users: tuple[str, ...] = ()

    def opened(self, faults: Sequence[Fault] = ()) -> Deployment:
        """A server with three users, two of whom ask, no records that they can see, and a clock that stands still."""
        clock = Clock()
        line = self.connected(faults, clock)
        one, other = (
            httpx.Client(base_url=BASE, headers={"Authorization": f"Bearer {key}"}, transport=line.transport)
            for key in line.keys
        )
        return Deployment(
            {"one": one, "other": other}, self.contract.operators, line.directory, exact=True, clock=clock
        )

    def connected(self, faults: Sequence[Fault] = (), clock: Callable[[], datetime] = utc_now) -> Line:
        """A way to such a server, for clients of any kind."""
        run, now = self.runner.run, clock()
        store = self._renewed() if self._store is None or self._runs % RUNS == 0 else self._store
        self._runs += 1
        for user in self._users:
            run(store.records.delete(store.users.entity, user, ""))
        self._users = tuple(f"usr_{self._runs}_{name.lower()}" for name, _ in USERS)
        named = zip(self._users, USERS, strict=True)
        directory = tuple(run(store.users.add(name, email, id=id_, now=now)) for id_, (name, email) in named)
        asked = KeyRequest("model", SCOPES, None)
        keys = tuple(run(issue_key(store.keys, id_, asked, now=now))[1] for id_ in self._users[:2])
        given = Given(api_key=keys[0], other_api_key=keys[1])
        composed = Composed(self.contract, self.contract, store, self.validation, given)
        gateway = composed.gateway(faults, clock=clock, limit=UNLIMITED)
        return Line(Looped(GatewayTransport(gateway), self.runner), keys, directory)

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
def stage(contract: Contract) -> Iterator[Stage]:
    """Where servers are opened, one at a time; without the log, in which a faulty one tells on itself."""
    logging.disable(logging.ERROR)
    with asyncio.Runner() as runner:
        made = Stage(contract, compile_validation(contract), runner)
        try:
            yield made
        finally:
            made.close()
            logging.disable(logging.NOTSET)
