"""The reference server without its store: records and keys in dictionaries, for requests that select nothing.

What it shows is what everything but the database costs. It lists newest first, and knows no condition and no relation.
"""

import asyncio
import gc
import json
import signal
import socket
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from entity_contract import Entity, load
from entity_server.app import compose, create_app, served, utc_now
from entity_server.demo import seed
from entity_server.domain.keys import Key
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.settings import Settings
from entity_server.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, and how many records there are."""

    records: tuple[Record, ...]
    total: int


@dataclass(slots=True)
class RecordsInMemory:
    """The records of each entity and owner, oldest first."""

    kept: dict[tuple[str, str], dict[str, Record]] = field(default_factory=dict)

    async def list(self, entity: Entity, query: Query, owner: str) -> Listing:
        """A page, newest first."""
        own, page = self._of(entity, owner), query.page
        newest = islice(reversed(own.values()), page.offset, page.offset + page.limit)
        return Listing(tuple(newest), len(own))

    async def get(self, entity: Entity, id: str, owner: str, relations: tuple[Any, ...] = ()) -> Record | None:  # noqa: A002, ARG002 - as the store's
        """The record."""
        return self._of(entity, owner).get(id)

    async def exists(self, entity: Entity, id: str, owner: str) -> bool:  # noqa: A002 - likewise
        """Whether there is one."""
        return id in self._of(entity, owner)

    async def create(self, entity: Entity, record: Record, owner: str) -> Record:
        """Keep it."""
        self._of(entity, owner)[record["id"]] = record
        return dict(record)

    async def missing_references(self, entity: Entity, values: Record, owner: str) -> tuple[str, ...]:  # noqa: ARG002 - likewise
        """None: no request that is measured names another record."""
        return ()

    def _of(self, entity: Entity, owner: str) -> dict[str, Record]:
        return self.kept.setdefault((entity.name, owner), {})


@dataclass(slots=True)
class KeysInMemory:
    """The keys of the demo, each asked of the store once."""

    store: Store
    known: dict[str, Key | None] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)

    async def find(self, digest: str) -> Key | None:
        """The key."""
        if digest not in self.known:
            self.known[digest] = await self.store.keys.find(digest)
        return self.known[digest]

    async def touch(self, id: str, now: datetime) -> None:  # noqa: A002 - as the store's
        """Note that it was used."""
        self.used[id] = now


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM, with credentials where the settings say."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    contract, place = load(), settings.credentials_file
    assert place is not None
    store = await open_store(settings.database, contract)
    services = compose(contract, store, settings)
    credentials = await seed(store, contract, services.compiled, utc_now())
    kept: Any = {"records": RecordsInMemory(), "keys": KeysInMemory(store)}  # they do what is asked of them here
    app = create_app(replace(services, **kept), alone=True)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(0)
        async with served(app, sock):
            url = f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1"
            written = place.with_suffix(".new")
            written.write_text(json.dumps({"baseUrl": url, **credentials}))
            written.rename(place)
            gc.freeze()
            await stopped.wait()
    await store.close()
