"""What all checks of a run have in common: the deployment, the credentials, the journal, what is arranged together."""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from entity_contract import Contract, Entity

from entity_conformance.deployment.credentials import User, Wallet
from entity_conformance.deployment.dialect import Dialect
from entity_conformance.deployment.outgoing import Asked
from entity_conformance.deployment.ownership import Ownership
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.spelling import Spelling
from entity_conformance.deployment.wire import Wire

Made = TypeVar("Made")


class CreationLog(Protocol):
    """Who is told what is about to be made, as `Journal` is. `ticket` ties an intention to what came of it."""

    def will_create(self, entity: str, body: object, user: User, since: datetime | None = None) -> int:
        """A POST is about to be sent; `entity` is `keys` for an API key. Returns a ticket.

        What was created before `since` cannot be what it makes.
        """

    def will_change(self, entity: str, id: str, body: object) -> None:  # noqa: A002  # the reference's word
        """A PATCH is about to be sent."""

    def made(self, ticket: int, id: str, since: datetime | None = None) -> None:  # noqa: A002  # the reference's word
        """It created this; what was created before `since` cannot be it."""

    def made_nothing(self, ticket: int) -> None:
        """It was refused."""

    def unsent(self, ticket: int) -> None:
        """It was not sent."""

    def is_late(self, entity: str, user: User) -> None:
        """A creation was not answered, and the deployment may be at it still."""

    def gone(self, entity: str, id: str) -> None:  # noqa: A002  # the reference's word
        """It was deleted."""


@dataclass(slots=True)
class Repeats:
    """How often more a run may do again what ended in a write without an answer: not where that is of no use."""

    left: int = 20
    left_in_vain: int = 3

    def take(self) -> bool:
        """Whether it may be done once more; that is counted."""
        self.left -= 1
        return self.left >= 0 and self.left_in_vain > 0


class Places:
    """How many checks are at work at a time. Who waits for another, or lets time pass, gives its place up meanwhile."""

    def __init__(self) -> None:
        self._free: asyncio.Semaphore | None = None

    @asynccontextmanager
    async def opened(self, number: int) -> AsyncIterator[asyncio.Semaphore]:
        """So many places, for whoever takes one to work; before and after that nobody needs any."""
        self._free = asyncio.Semaphore(number)
        try:
            yield self._free
        finally:
            self._free = None

    async def abreast(self, work: Iterable[Callable[[], Awaitable[Made]]]) -> list[Made]:
        """What each of these gives, in order: one after the other, and several at once while places are free.

        After the first that raises none is begun.
        """
        return await _abreast(self._free, work)

    @asynccontextmanager
    async def given_up(self) -> AsyncIterator[None]:
        """The place of the check that is at work here is another's until this ends."""
        async with _given_up(self._free):
            yield


@asynccontextmanager
async def _given_up(free: asyncio.Semaphore | None) -> AsyncIterator[None]:
    if free is None:
        yield
        return
    free.release()
    try:
        yield
    finally:
        await free.acquire()


async def _abreast(free: asyncio.Semaphore | None, work: Iterable[Callable[[], Awaitable[Made]]]) -> list[Made]:
    waiting = deque(enumerate(work))
    given: dict[int, Made] = {}
    problems: dict[int, Exception] = {}
    begun: set[asyncio.Future[None]] = set()

    async def go_on() -> None:
        while waiting:
            number, one = waiting.popleft()
            try:
                given[number] = await one()
            except Exception as problem:  # noqa: BLE001  # raised below, when what is under way has ended
                problems[number] = problem
                waiting.clear()

    async def help_out(free: asyncio.Semaphore) -> None:
        async with free:
            if waiting:
                going_on = asyncio.ensure_future(go_on())
                begun.add(going_on)
                await going_on

    helpers = [] if free is None else [asyncio.ensure_future(help_out(free)) for _ in range(len(waiting) - 1)]
    try:
        await go_on()
        async with _given_up(free if any(not one.done() for one in begun) else None):
            await asyncio.gather(*begun)
    finally:
        for one in (*helpers, *begun):
            one.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
    if problems:
        raise problems[min(problems)]
    return [given[number] for number in sorted(given)]


class Creations:
    """Who makes and deletes records of an entity: many at a time, or one alone, for whom the others wait."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._alone: set[str] = set()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def one(self, entity: str, places: Places) -> AsyncIterator[None]:
        """One creation or deletion; it waits while somebody else makes records of the entity alone."""
        if _ALONE.get() != entity:
            await self._until(lambda: entity not in self._alone, places)
        self._under_way[entity] += 1
        try:
            yield
        finally:
            self._under_way[entity] -= 1
            self._tell()

    @asynccontextmanager
    async def alone(self, entity: str, places: Places) -> AsyncIterator[None]:
        """Nobody else makes or deletes records of it meanwhile. It begins when what is under way has been answered."""
        await self._until(lambda: entity not in self._alone, places)
        self._alone.add(entity)
        before = _ALONE.set(entity)
        try:
            await self._until(lambda: not self._under_way[entity], places)
            yield
        finally:
            _ALONE.reset(before)
            self._alone.discard(entity)
            self._tell()

    async def _until(self, holds: Callable[[], bool], places: Places) -> None:
        while not holds():
            async with places.given_up():
                await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


_ALONE: ContextVar[str | None] = ContextVar("alone", default=None)
"""The entity whose records the code under way makes alone."""

_ARRANGED: ContextVar[str | None] = ContextVar("arranged", default=None)
"""What the code under way arranges for several checks; None where it is a check's own."""


class Shared:
    """Values that checks arrange once and use together: the first to ask makes it, the others wait for it.

    `uses` tells of each check, and of what is arranged, which arrangements it asked for, by name.
    """

    def __init__(self) -> None:
        self.places = Places()
        self.creations = Creations()
        self.uses: dict[str, dict[str, None]] = {}
        self._arranged: dict[Hashable, _Arranged] = {}

    @staticmethod
    def payer(check: str) -> str:
        """What a request is for that is sent now: the arrangement under way, else the check itself."""
        return _ARRANGED.get() or check

    async def once(
        self, key: Hashable, make: Callable[[], Awaitable[Made]], *, evidence: list[str], check: str = ""
    ) -> Made:
        """What `make` gave when it was first called for `key`.

        When it failed, it is not tried again: everybody who asks gets Blocked with the same reason. `evidence` are the
        asker's exchanges: those that arranged it are added for whoever did not send them, each of them once. An asker
        does several things at once, so that what it was told of one is in its list while another is being arranged.
        """
        known = self._arranged.get(key)
        name = _named(key) if known is None else known.name
        self.uses.setdefault(self.payer(check), {})[name] = None
        if known is not None:
            try:
                if not known.task.done():
                    async with self.places.given_up():
                        await asyncio.wait({known.task})
                return cast("Made", await asyncio.shield(known.task))
            finally:
                evidence.extend(known.evidence)
        arranged = self._arranged[key] = _Arranged(name, asyncio.ensure_future(_blocking(make, name)))
        before = len(evidence)
        try:
            return cast("Made", await asyncio.shield(arranged.task))
        finally:
            arranged.evidence = tuple(dict.fromkeys(evidence[before:]))

    async def close(self) -> None:
        """Stop what is still being made."""
        tasks = [arranged.task for arranged in self._arranged.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def together(number: int, work: Iterable[Callable[[], Awaitable[Made]]]) -> list[Made]:
    """What each of these gives, in order, so many under way at a time. The first that raises ends the others."""
    free = asyncio.Semaphore(number)

    async def do(one: Callable[[], Awaitable[Made]]) -> Made:
        async with free:
            return await one()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(do(one)) for one in work]
    except ExceptionGroup as problems:
        raise problems.exceptions[0] from None
    return [task.result() for task in tasks]


@dataclass(slots=True)
class _Arranged:
    name: str
    task: asyncio.Task[Any]
    evidence: tuple[str, ...] = ()


def _named(key: Hashable) -> str:
    """A key as the plan names what is arranged: `("group", "tasks")` is `group [tasks]`."""
    if not isinstance(key, tuple):
        return str(key)
    name, *of = map(str, key)
    return f"{name} [{' '.join(of)}]"


async def _blocking(make: Callable[[], Awaitable[Made]], name: str) -> Made:
    _ARRANGED.set(name)
    try:
        return await make()
    except Violation as violation:
        raise Blocked(f"what it stands on could not be arranged: {violation.message}") from violation


@dataclass(frozen=True, slots=True)
class RunContext:
    """What all checks of a run have in common.

    `base` is the URL that ends in `/api/v1`, `run` the run's id, nine lower-case letters, different each time.
    `spelling` is how the deployment spells what the contract fixes, `dialect` what it writes another way. `settle` is
    how many seconds it may take to index what was written. `asked` is what was sent and answered, in the order of the
    answers; `events` numbers both, and `built` the requests of each check. `deletions` are the answers to DELETE, which
    are gone through before each request. `expires_at` is when the credential `expired_key` ends, by the deployment's
    time; None when it has ended or is not there.
    """

    wire: Wire
    base: str
    wallet: Wallet
    journal: CreationLog
    owned: Ownership
    contract: Contract
    entities: tuple[Entity, ...]
    run: str
    spelling: Spelling = field(default_factory=Spelling)
    dialect: Dialect = field(default_factory=Dialect)
    seed: int = 0
    settle: float = 0.0
    concurrency: int = 1
    is_read_only: bool = False
    is_thorough: bool = False
    is_smoke: bool = False
    expires_at: datetime | None = None
    shared: Shared = field(default_factory=Shared)
    repeats: Repeats = field(default_factory=Repeats)
    replies: list[Reply] = field(default_factory=list)
    deletions: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    events: Iterator[int] = field(default_factory=itertools.count)
    built: dict[str, Iterator[int]] = field(default_factory=dict)
