"""What the handlers work with, as one value: composed in `entity_server.app`, recomposed by a fault.

Interfaces and values, no behaviour. The store fulfils the protocols; a fault may put a wrapper in its place.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from entity_contract import Contract, Credential, Entity, Operation, Relation, Scope

from entity_server.domain.arguments import Arguments
from entity_server.domain.generation import Generate
from entity_server.domain.keys import Key, Session
from entity_server.domain.limits import Allowance, RateLimit
from entity_server.domain.per_request import per_request
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.http.operations import CompiledContract

log = logging.getLogger("entity_server")


class Listing(Protocol):
    """One page of a selection, and how many records the selection has."""

    @property
    def records(self) -> Sequence[Record]:
        """The page's records, relations embedded."""

    @property
    def total(self) -> int:
        """The whole selection's size."""


class Records(Protocol):
    """The records of every entity, seen by their owner."""

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        """One page of a selection."""

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        """The record, None when this owner has none of that id."""

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        """Whether this owner has a record of that id."""

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        """Keep a record; what is kept comes back."""

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        """Change a record; None when there is none."""

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        """Remove a record; False when there is none."""

    async def missing_references(self, entity: Entity, values: Record, owner: str, /) -> tuple[str, ...]:
        """The foreign key fields among `values` that name nobody."""


class Keys(Protocol):
    """API keys, known by their digest."""

    async def find(self, digest: str, /) -> Key | None:
        """The key, None when it is unknown or revoked."""

    async def list(self, user_id: str, /) -> tuple[Key, ...]:
        """A user's keys, newest first."""

    async def add(self, key: Key, digest: str, /) -> None:
        """Keep a new key."""

    async def revoke(self, key_id: str, user_id: str, /) -> bool:
        """Forget a key; False when this user has none of that id."""

    async def touch(self, key_id: str, now: datetime, /) -> None:
        """Note that a key was used."""


class Sessions(Protocol):
    """Dashboard sessions, known by their digest."""

    async def find(self, digest: str, /) -> Session | None:
        """The session, None when it is unknown."""

    async def add(self, session: Session, digest: str, /) -> None:
        """Keep a new session."""


class Credits(Protocol):
    """What users may spend on plugins. The database counts them, for every process that asks it."""

    async def balance(self, user_id: str, /) -> int:
        """What the user has left."""

    async def grant(self, user_id: str, amount: int, /) -> None:
        """Add to the user's balance."""

    async def spend(self, user_id: str, amount: int, /) -> bool:
        """Take an amount off a user's balance, whole or not at all; False when the balance is too small."""


class Limiter(Protocol):
    """The windows of all callers that share one limit: in this process, or with others."""

    limit: RateLimit

    def take(self, identity: str, now: datetime, /) -> Allowance | Awaitable[Allowance]:
        """Count one request of this caller."""


Notices = Callable[[], Awaitable[Mapping[str, str]]]
"""What works less well than it should, by the name of the part, for the health check to tell."""


async def nothing_to_notice() -> Mapping[str, str]:
    """For a server of which nothing but the store could fail."""
    return {}


@per_request(frozen=True, slots=True)
class Caller:
    """Who sends a request. `identity` is whose rate limit it counts against."""

    user_id: str
    scopes: frozenset[Scope]
    credential: Credential
    identity: str


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Whoever sends a request to a path that asks nobody who they are."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a handler may use, and every decision that a fault may get wrong."""

    contract: Contract
    compiled: CompiledContract
    records: Records
    keys: Keys
    sessions: Sessions
    credits: Credits
    ping: Callable[[], Awaitable[None]]
    limiters: Mapping[Credential, Limiter]
    allows: Callable[[Caller, Operation], bool]
    clock: Callable[[], datetime]
    notices: Notices = nothing_to_notice
    generate: Generate | None = None
    """A generator of text that is somewhere else; without one, the local one generates."""


@per_request(frozen=True, slots=True)
class Call:
    """One request on its way through a handler, already authenticated, routed and permitted.

    `path` is the path as it was sent, `arguments` the query; `body` reads and decodes the body when the handler is
    ready for it: a missing record is refused before the body is looked at. Neither arguments nor body are judged yet.
    """

    operation: Operation
    entity: Entity | None
    values: Mapping[str, str]
    path: str
    arguments: Arguments
    caller: Caller | Anonymous
    now: datetime
    body: Callable[[], Awaitable[Mapping[str, object]]]

    @property
    def known_caller(self) -> Caller:
        """Who sends a call that not everybody may send."""
        assert isinstance(self.caller, Caller)
        return self.caller

    @property
    def owner(self) -> str:
        """The user whose records this call sees."""
        caller = self.caller  # as `known_caller`, without asking it: stores are asked for their owner all the time
        assert isinstance(caller, Caller)
        return caller.user_id

    @property
    def registered(self) -> Entity:
        """The entity of an entity operation."""
        assert self.entity is not None
        return self.entity


@per_request(frozen=True, slots=True)
class Answer:
    """What goes out: a status, a JSON body (None for an empty one) and the headers beside Content-Type."""

    status: int
    body: Mapping[str, object] | None
    headers: Mapping[str, str]


Handler = Callable[[Call], Awaitable[Answer]]
Around = Callable[[Call, Handler], Awaitable[Answer]]
"""Stands in for a handler, and may call it: a fault."""

Outgoing = Callable[[Call | None, Answer], Answer]
"""What may happen to an answer behind the validator: a fault. There is no call when no handler was reached."""
