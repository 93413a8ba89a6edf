"""The composition root: a contract, a store and settings become an application.

    create_app   for anybody with an event loop of their own (tests, benchmarks, an ASGI server)
    served       a running server at a socket, for as long as the context is entered

Nothing is wrong in what is composed here unless a fault was asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from socket import socket
from typing import Any

from entity_contract import Contract

from entity_server.domain.limits import RateLimit, RateLimiter
from entity_server.domain.times import to_the_millisecond
from entity_server.faults import Fault
from entity_server.http.authentication import allows
from entity_server.http.docs import Docs
from entity_server.http.gateway import Gateway
from entity_server.http.services import Services
from entity_server.http.serving import App, create_sanic
from entity_server.http.validation import compile_validation
from entity_server.settings import Settings
from entity_server.store import Store

_LOOKS, _BETWEEN_LOOKS = 100, 0.02  # requests under way have two seconds to finish when the server stops


def utc_now() -> datetime:
    """The moment, to the millisecond: what is printed is what is meant."""
    return to_the_millisecond(datetime.now(UTC))


def create_app(
    contract: Contract,
    store: Store,
    settings: Settings,
    faults: Iterable[Fault] = (),
    *,
    clock: Callable[[], datetime] = utc_now,
) -> App:
    """The application. Raises UnservedOperation when the contract has an operation without a handler."""
    asked_for = tuple(faults)
    services = compose(contract, store, settings, clock=clock)
    for fault in asked_for:
        services = fault.services(services) if fault.services else services
    return create_sanic(
        Gateway(
            services,
            incoming=tuple(fault.incoming for fault in asked_for if fault.incoming),
            around=tuple(fault.around for fault in asked_for if fault.around),
            outgoing=tuple(fault.outgoing for fault in asked_for if fault.outgoing),
            lenient=bool(asked_for),
        ),
        Docs(contract, clock),
    )


def compose(contract: Contract, store: Store, settings: Settings, *, clock: Callable[[], datetime]) -> Services:
    """What the handlers work with."""
    return Services(
        contract=contract,
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
        validation=compile_validation(contract) if settings.validate else None,
    )


@asynccontextmanager
async def served(app: App, sock: socket) -> AsyncIterator[None]:
    """The application at a listening socket. On the way out requests under way may finish, for a moment."""
    server: Any = await app.create_server(sock=sock, asyncio_server_kwargs={"start_serving": False})
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
    for connection in tuple(connections):
        if connection.transport is not None:
            connection.transport.abort()  # Sanic's own abort() stumbles over a request that has not begun
