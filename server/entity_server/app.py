"""The composition root: a contract, a store and settings become an application.

    compose      a contract, a store and settings become what the handlers work with
    create_app   ... and that becomes an application, for anybody with an event loop of their own
    served       a running server at a socket, for as long as the context is entered

Nothing is wrong in what is composed here unless a fault was asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from socket import socket
from ssl import SSLContext
from time import time_ns
from typing import Any

from entity_contract import Contract

from entity_server.domain.limits import RateLimit, RateLimiter
from entity_server.http.access_log import AccessLog
from entity_server.http.authentication import allows
from entity_server.http.connection import Connection
from entity_server.http.cors import Cors
from entity_server.http.docs import Docs
from entity_server.http.exchange import Answering
from entity_server.http.fault import Fault
from entity_server.http.gateway import Gateway
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.http.services import Limiter, Notices, Services
from entity_server.http.serving import App, create_sanic
from entity_server.settings import Settings
from entity_server.store import Store

_LOOKS, _BETWEEN_LOOKS = 100, 0.02  # requests under way have two seconds to finish when the server stops
_LAST_SECONDS = 1.0  # for what a request that is given up has to put right


def utc_now() -> datetime:
    """The moment, to the millisecond: what is printed is what is meant."""
    return _moment(time_ns() // 1_000_000)


@lru_cache(maxsize=2)  # a busy server is asked several times a millisecond; what is made of one value is kept by it
def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def create_app(  # noqa: PLR0913 - each is given by its name
    services: Services,
    faults: Iterable[Fault] = (),
    *,
    origins: Sequence[str] = (),
    answering: Answering | None = None,
    access_log: AccessLog | None = None,
    shown: Contract | None = None,
    alone: bool = False,
) -> App:
    """The application, which pages on those other origins may call; `alone` says that its process has no other.

    `answering` stands in the place of the gateway; `shown` is the contract to be shown, where it is not the one that
    is served.

    Raises UnservedContract when the contract asks for something that this server does not have.
    """
    cors = Cors.of(origins, services.contract) if origins else None
    docs = Docs(shown or services.contract, services.clock)
    return create_sanic(answering or gateway(services, faults), docs, cors=cors, access_log=access_log, alone=alone)


def simulated(services: Services, faults: tuple[Fault, ...] = ()) -> Answering:
    """The gateway with these faults, behind what a request may prefer: one more of the catalogue, for instance."""
    from entity_server.faults import chosen  # noqa: PLC0415 - a server that simulates nothing need not load them
    from entity_server.http.simulation.simulated import Simulated  # noqa: PLC0415 - likewise

    return Simulated(
        services.contract, gateway(services, faults), lambda fault: gateway(services, (*faults, *chosen((fault,))))
    )


def gateway(services: Services, faults: Iterable[Fault] = ()) -> Gateway:
    """The way of a request through the server, wrong in the ways that were asked for."""
    asked_for = tuple(fault.begun().acts for fault in faults)
    for acts in asked_for:
        services = acts.services(services) if acts.services else services
    return Gateway(
        services,
        incoming=tuple(acts.incoming for acts in asked_for if acts.incoming),
        around=tuple(acts.around for acts in asked_for if acts.around),
        outgoing=tuple(acts.outgoing for acts in asked_for if acts.outgoing),
        lenient=bool(asked_for),
    )


def compose(
    contract: Contract,
    store: Store,
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    compiled: CompiledContract | None = None,
) -> Services:
    """What the handlers work with. A contract that is compiled already need not be once more.

    Raises UnservedContract when the contract asks for something that this server does not have.
    """
    return Services(
        contract=contract,
        compiled=compiled or compile_contract(contract, asserting=settings.validate),
        records=store.records,
        keys=store.keys,
        sessions=store.sessions,
        credits=store.credits,
        ping=store.ping,
        limiters={
            "key": RateLimiter(RateLimit.parse(settings.key_limit)),
            "session": RateLimiter(RateLimit.parse(settings.session_limit)),
        },
        allows=allows,
        clock=clock,
    )


def sharing(services: Services, limiter: Callable[[RateLimit], Limiter], notices: Notices) -> Services:
    """The services with limits that `limiter` makes, which other processes count too, and what there is to notice."""
    limiters = {credential: limiter(one.limit) for credential, one in services.limiters.items()}
    return replace(services, limiters=limiters, notices=notices)


@asynccontextmanager
async def served(app: App, sock: socket, *, tls: SSLContext | None = None) -> AsyncIterator[None]:
    """The application at a listening socket, by HTTPS where there is a context for it.

    On the way out requests under way may finish, for a moment.
    """
    server: Any = await app.create_server(
        sock=sock, ssl=tls, protocol=Connection, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    await server.before_start()
    await server.start_serving()
    await server.after_start()
    try:
        yield
    finally:
        await server.before_stop()
        server.server.close()
        app.config.KEEP_ALIVE = False  # what still comes on an open connection is answered, and is the last
        await _finish(server.connections)
        await server.after_stop()


async def _finish(connections: set[Any]) -> None:
    """Close the connections that are idle, wait for the others, and give up on them in the end."""
    for _ in range(_LOOKS):
        for connection in tuple(connections):
            connection.close_if_idle()
        if not connections:
            return
        await asyncio.sleep(_BETWEEN_LOOKS)
    cancelled = [connection._task for connection in connections if connection._task is not None]  # noqa: SLF001 - Sanic's
    for connection in tuple(connections):
        if connection.transport is not None:
            connection.transport.abort()  # Sanic's own abort() stumbles over a request that has not begun
    if cancelled:
        await asyncio.wait(
            cancelled, timeout=_LAST_SECONDS
        )  # credits that were not used go back, while there is a store
