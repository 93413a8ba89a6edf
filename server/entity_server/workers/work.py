"""What a worker does: serve, until it is told to stop by the end of a pipe, or by SIGTERM."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from entity_contract import Contract

from entity_server.app import compose, create_app, gateway, served
from entity_server.demo_lock import beside
from entity_server.http.operations import CompiledContract
from entity_server.http.services import Services
from entity_server.http.serving import App
from entity_server.metering import measured, metered, metrics_alone, new_meters
from entity_server.remote import connected
from entity_server.running import access_log, opened, readable_errors
from entity_server.settings import Settings
from entity_server.store import Store
from entity_server.tls import Tls, context_of

if TYPE_CHECKING:
    from entity_server.metrics import Meters

Value = TypeVar("Value")


class Perform(Protocol):
    """What runs a coroutine to its end, on a loop of its own, and ends the process with a line for a StartupError."""

    def __call__(self, work: Coroutine[Any, Any, Value], /) -> Value:
        """What it comes to."""


@dataclass(frozen=True, slots=True)
class ControlSocket:
    """Where a control port is served, for metrics alone."""

    sock: socket.socket
    token: str


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs to serve."""

    settings: Settings
    contract: Contract
    compiled: CompiledContract
    sock: socket.socket
    secured: Tls | None
    control: ControlSocket | None
    perform: Perform

    async def serve(self, orders: Connection, ready: Connection) -> None:
        """Serve until the pipe `orders` ends or SIGTERM comes, and say by `ready` when it begins."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        loop.add_reader(orders.fileno(), stopped.set)
        settings, contract = self.settings, self.contract
        with readable_errors():
            meters = new_meters(settings)
            async with (
                beside(settings.database) if settings.demo else nullcontext(),
                opened(settings.database, contract) as store,
                connected(
                    compose(contract, store, settings, compiled=self.compiled),
                    settings,
                    must_answer=False,
                    meters=meters,
                ) as services,
                self._metrics_served(meters),
                served(self._app(store, services, meters), self.sock, tls=context_of(self.secured)),
            ):
                ready.send_bytes(b"serving")
                gc.enable()
                await stopped.wait()
                loop.remove_reader(orders.fileno())

    def _app(self, store: Store, services: Services, meters: "Meters | None") -> App:
        answering = metered(gateway(measured(services, meters)), store, services, meters)
        return create_app(
            services, origins=self.settings.cors, answering=answering, access_log=access_log(self.settings)
        )

    @asynccontextmanager
    async def _metrics_served(self, meters: "Meters | None") -> AsyncIterator[None]:
        if self.control is None or meters is None:
            yield
            return
        async with served(metrics_alone(self.settings, meters, self.control.token), self.control.sock):
            yield
