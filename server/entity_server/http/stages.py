"""The stages of a request, in the order in which it may be refused (A1).

    a request is asked ...                        or refused with
    who sends it?                                 401
    has its caller asked too often?               429
    is there such a path, such an entity?         404
    with this method?                             405
    may its caller do that?                       403
    is there such a record?                       404
    is what it says well said?                    400, 413, 422

`permitted` takes a request through that table but for the last two rows, which are those of `Served`; behind them the
work begins. What is found out on the way is kept in a `Progress`, for the answer, whatever row it comes from. No Sanic
here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from entity_contract import Entity, Operation

from entity_server.domain.limits import Allowance
from entity_server.domain.problems import (
    EntityNotFound,
    InvalidScope,
    MethodNotAllowed,
    NotFound,
    RateLimitExceeded,
)
from entity_server.http import rate_limits
from entity_server.http.authentication import authenticate
from entity_server.http.exchange import Received
from entity_server.http.operations import CompiledOperation
from entity_server.http.operations.decoding import arguments, body_object
from entity_server.http.routes import Route, UnknownPath
from entity_server.http.services import Anonymous, Answer, Call, Caller, Services

Asked = TypeVar("Asked")

anything: Final = None
"""The `find` of a call that is about no record, or whose work finds out by itself that there is none."""

_ANONYMOUS: Final = Anonymous()
NO_LIMITS: Final[Mapping[str, str]] = {}
"""The limits of a request whose caller has not been counted."""


@dataclass(slots=True)
class Progress:
    """A request, and what is known of it so far.

    `operation` is the one whose answers an answer is one of, whether it comes to that or not; None for an unknown one.
    `limits` are headers: every answer carries them once its caller is counted. `call` is there once it is permitted.
    """

    received: Received
    request_id: str
    now: datetime
    place: Route | UnknownPath
    operation: Operation | None
    limits: Mapping[str, str]
    caller: Caller | Anonymous = _ANONYMOUS
    call: Call | None = None


async def permitted(services: Services, progress: Progress, entities: Mapping[str, Entity | None]) -> Call:
    """The call that a request is. Raises the problem that a row refuses with.

    `entities` has the entity of each operation by its id. Nothing that the query or the body says is looked at.
    """
    received, place = progress.received, progress.place
    if place.accepts:  # a path that takes no credentials asks nobody
        caller = progress.caller = await authenticate(
            services, received.headers, accepts=place.accepts, now=progress.now
        )
        taken = services.limiters[caller.credential].take(caller.identity, progress.now)
        allowance = taken if isinstance(taken, Allowance) else await taken
        if allowance.retry_after is not None:
            raise RateLimitExceeded(allowance)
        progress.limits = rate_limits.headers(allowance)  # who is anonymous is not counted
    if isinstance(place, UnknownPath):
        raise NotFound
    if place.generic:
        raise EntityNotFound
    operation = progress.operation
    if operation is None:
        raise MethodNotAllowed(place.allow)
    if isinstance(progress.caller, Caller) and not services.allows(progress.caller, operation):
        raise InvalidScope(str(operation.scope))
    call = progress.call = Call(
        operation,
        entities[operation.id],
        place.values,
        received.path,
        arguments(received.query),
        progress.caller,
        progress.now,
        _Body(received),
    )
    return call


class _Body:
    """The body of a request, which can be read once: decoded when it is first asked for, and kept."""

    __slots__ = ("_decoded", "_received")

    def __init__(self, received: Received) -> None:
        self._received = received
        self._decoded: Mapping[str, object] | None = None

    async def __call__(self) -> Mapping[str, object]:
        """The JSON object that the body holds. Raises what is wrong with it."""
        if self._decoded is None:
            content_type = "".join(self._received.headers.getall("Content-Type", ())[:1])
            self._decoded = body_object(await self._received.read(), content_type)
        return self._decoded


@dataclass(frozen=True, slots=True)
class Served(Generic[Asked]):
    """How an operation is served once it is permitted: the last rows of the table, and the work behind them."""

    find: Callable[[Call], Awaitable[None]] | None
    """Raises NotFound when the call is about a record that is not there; `anything` asks for none."""

    read: Callable[[Call], Awaitable[Asked]]
    """What the call asks for, typed. Raises the problem of a query or a body that is not well said."""

    perform: Callable[[Call, Asked], Awaitable[Answer]]

    async def __call__(self, call: Call) -> Answer:
        """The answer to the call."""
        if self.find is not None:
            await self.find(call)
        return await self.perform(call, await self.read(call))


def query_alone(compiled: CompiledOperation) -> Callable[[Call], Awaitable[None]]:
    """Read a call that asks for nothing: its query must still be as the contract says."""

    async def read(call: Call) -> None:
        compiled.query.read(call.arguments)

    return read
