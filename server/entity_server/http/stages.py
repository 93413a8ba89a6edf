"""The stages of a request, in the order in which it may be refused (A1); after each, more is known of it.

    a request that is ...    is asked ...                                      or refused with
    Arrived                  who sends it?                                     401
    Identified               has its caller asked too often?                   429
    Counted                  is there such a path, such an entity?             404
    Located                  with this method?                                 405
    Offered                  may its caller do that?                           403
    Permitted                is there such a record?                           404
                             is what it says well said?                        400, 413, 422

`Gateway` takes a request from one stage to the next by that table; the last two rows are those of `Served`, behind
which the work begins. No Sanic here: what is asked of a request is a function of what is known already.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from entity_contract import Operation

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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request of which nothing is known but what it says."""

    received: Received
    request_id: str
    now: datetime
    place: Route | UnknownPath


@dataclass(frozen=True, slots=True)
class Identified:
    """... and who sends it."""

    arrived: Arrived
    caller: Caller | Anonymous


@dataclass(frozen=True, slots=True)
class Counted:
    """... and that its caller may ask once more. Every answer from here on carries the headers `limits`."""

    arrived: Arrived
    caller: Caller | Anonymous
    limits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Located:
    """... and that its path leads somewhere."""

    counted: Counted
    route: Route


@dataclass(frozen=True, slots=True)
class Offered:
    """... and that there is an operation at that path."""

    counted: Counted
    route: Route
    operation: Operation


@dataclass(frozen=True, slots=True)
class Permitted:
    """... and that its caller may perform it: a call, for the handler of that operation."""

    counted: Counted
    call: Call


Stage = Arrived | Identified | Counted | Located | Offered | Permitted


async def identified(services: Services, arrived: Arrived) -> Identified:
    """Raises Unauthorized or ExpiredKey. A path that takes no credentials asks nobody."""
    if not arrived.place.accepts:
        return Identified(arrived, Anonymous())
    headers = arrived.received.headers
    caller = await authenticate(
        services,
        authorization=headers.getall("Authorization", ()),
        cookies=headers.getall("Cookie", ()),
        accepts=arrived.place.accepts,
        now=arrived.now,
    )
    return Identified(arrived, caller)


async def counted(services: Services, identified: Identified) -> Counted:
    """Raises RateLimitExceeded. Who is anonymous is not counted."""
    match identified.caller:
        case Anonymous() as anonymous:
            return Counted(identified.arrived, anonymous, {})
        case Caller() as caller:
            allowance = await rate_limits.take(services, caller, identified.arrived.now)
            if allowance.retry_after is not None:
                raise RateLimitExceeded(allowance)
            return Counted(identified.arrived, caller, rate_limits.headers(allowance))


def located(counted: Counted) -> Located:
    """Raises NotFound or EntityNotFound."""
    match counted.arrived.place:
        case UnknownPath():
            raise NotFound
        case Route(generic=True):
            raise EntityNotFound
        case Route() as route:
            return Located(counted, route)


def offered(located: Located) -> Offered:
    """Raises MethodNotAllowed."""
    operation = located.route.operation(located.counted.arrived.received.method)
    if operation is None:
        raise MethodNotAllowed(located.route.allow)
    return Offered(located.counted, located.route, operation)


def permitted(services: Services, offered: Offered) -> Permitted:
    """Raises InvalidScope. Nothing that the query or the body says has been looked at before."""
    counted, operation = offered.counted, offered.operation
    if isinstance(counted.caller, Caller) and not services.allows(counted.caller, operation):
        raise InvalidScope(str(operation.scope))
    received = counted.arrived.received
    decoded: list[Mapping[str, object]] = []  # the body can be read once

    async def body() -> Mapping[str, object]:
        if not decoded:
            content_type = "".join(received.headers.getall("Content-Type", ())[:1])
            decoded.append(body_object(await received.read(), content_type))
        return decoded[0]

    call = Call(
        operation=operation,
        entity=services.contract.entity(operation.entity) if operation.entity else None,
        values=offered.route.values,
        path=received.path,
        arguments=arguments(received.query),
        caller=counted.caller,
        now=counted.arrived.now,
        body=body,
    )
    return Permitted(counted, call)


@dataclass(frozen=True, slots=True)
class Served(Generic[Asked]):
    """How an operation is served once it is permitted: the last rows of the table, and the work behind them."""

    find: Callable[[Call], Awaitable[None]]
    """Raises NotFound when the call is about a record that is not there."""

    read: Callable[[Call], Awaitable[Asked]]
    """What the call asks for, typed. Raises the problem of a query or a body that is not well said."""

    perform: Callable[[Call, Asked], Awaitable[Answer]]

    async def __call__(self, call: Call) -> Answer:
        """The answer to the call."""
        await self.find(call)
        return await self.perform(call, await self.read(call))


async def anything(_: Call) -> None:
    """For a call that is about no record, or whose work finds out by itself that there is none."""


def query_alone(compiled: CompiledOperation) -> Callable[[Call], Awaitable[None]]:
    """Read a call that asks for nothing: its query must still be as the contract says."""

    async def read(call: Call) -> None:
        compiled.query.read(call.arguments)

    return read


def arrived_of(stage: Stage) -> Arrived:
    """The request as it arrived."""
    match stage:
        case Arrived():
            return stage
        case Identified() | Counted():
            return stage.arrived
        case Located() | Offered() | Permitted():
            return stage.counted.arrived


def caller_of(stage: Stage) -> Caller | Anonymous:
    """Who sends the request, as far as that is known."""
    match stage:
        case Arrived():
            return Anonymous()
        case Identified() | Counted():
            return stage.caller
        case Located() | Offered() | Permitted():
            return stage.counted.caller


def limits_of(stage: Stage) -> Mapping[str, str]:
    """The headers about the caller's limit, as far as the caller has been counted."""
    match stage:
        case Arrived() | Identified():
            return {}
        case Counted():
            return stage.limits
        case Located() | Offered() | Permitted():
            return stage.counted.limits
