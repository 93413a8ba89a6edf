"""`reference-server run --workers N`: one process that starts and watches, and N that serve at the same socket.

    bind the socket · place the credentials · prepare, once: tables, demo · fork the workers · write them · watch

What is prepared is prepared before the first fork, with the contract compiled: a worker that takes the place of one
that ended serves within a fraction of a second. A worker is told to stop by the end of a pipe, and so it stops too when
the watching process is killed.
"""

import gc
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext

from entity_contract import Contract, load

from entity_server.app import compose, create_app, utc_now
from entity_server.credentials import credentials_file
from entity_server.demo import demo_credentials
from entity_server.demo_lock import alone_with
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.metering import new_token
from entity_server.remote import connected
from entity_server.running import (
    StartupError,
    announcement,
    base_url,
    control_socket,
    control_url,
    listening,
    opened,
    readable_errors,
    stopping,
    trusted,
)
from entity_server.settings import METRICS_FOLDER, Settings
from entity_server.tls import tls
from entity_server.workers.watch import watched
from entity_server.workers.work import ControlSocket, Perform, Work


def refuse_what_workers_cannot_share(settings: Settings) -> None:
    """Raise StartupError for settings that several processes would each take by themselves."""
    lacking = []
    if not settings.database.startswith(("postgres://", "postgresql://")):
        lacking.append("a PostgreSQL (--database postgres://...), which many processes may write to at once")
    if settings.redis is None:
        lacking.append("a Redis (--redis redis://...), since each would grant every caller the whole limit")
    if lacking:
        raise StartupError(f"{settings.workers} workers need {' and '.join(lacking)}; or run one worker")
    if settings.faults:
        raise StartupError("a fault remembers what one process has seen; with --fault, run one worker")


def run_workers(settings: Settings, say: Callable[[str], None], perform: Perform) -> None:
    """Serve by `settings.workers` processes until a signal to stop. Raises StartupError."""
    with readable_errors():
        refuse_what_workers_cannot_share(settings)
        if settings.demo:
            perform(_alone(settings))  # or else the credentials of another demo would be removed from this place
    with (
        readable_errors(),
        _told_to_stop() as stopped,
        listening(settings.host, settings.port) as sock,
        control_socket(settings) as control_sock,
        credentials_file(settings.credentials_file) as write,
        tls(settings) as secured,
        _metrics_folder(settings) as metrics_folder,
    ):
        contract = load(settings.contract)
        compiled = compile_contract(contract, asserting=settings.validate)
        credentials = perform(_prepared(settings, contract, compiled))
        control = None
        if control_sock is not None:
            control = ControlSocket(control_sock, new_token())
            credentials = {
                **credentials,
                "controlUrl": control_url(settings, control_sock),
                "controlToken": control.token,
            }
        gc.freeze()  # what is loaded is shared by all workers, as long as none of them writes to it
        work = Work(settings, contract, compiled, sock, secured, control, perform)
        with watched(work, settings.workers, stopped, metrics_folder) as watch:
            if not watch.until_all_serve():
                return
            url = base_url(settings.host, sock, secured)
            write({"baseUrl": url, **credentials, **trusted(secured)})
            say(announcement(url, settings))
            watch.until_stopped()


async def _alone(settings: Settings) -> None:
    """See that there is no other demo on the database."""
    async with alone_with(settings.database):
        pass


async def _prepared(settings: Settings, contract: Contract, compiled: CompiledContract) -> Mapping[str, str]:
    """Make what is made once, see that all that is needed is there, and give the demo's credentials."""
    async with (
        alone_with(settings.database) if settings.demo else nullcontext(),
        opened(settings.database, contract, text_index=settings.text_index) as store,
        connected(compose(contract, store, settings, compiled=compiled), settings) as services,
    ):
        create_app(services)
        return await demo_credentials(settings, store, contract, compiled, utc_now())


@contextmanager
def _metrics_folder(settings: Settings) -> Iterator[str | None]:
    """Where workers count together, if they count: known by the environment when prometheus_client is imported."""
    if not settings.metrics:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="reference-server-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        try:
            yield folder
        finally:
            del os.environ[METRICS_FOLDER]


@contextmanager
def _told_to_stop() -> Iterator[socket.socket]:
    """A socket that can be read once a signal to stop has come."""
    heard, told = socket.socketpair()
    with heard, told:
        earlier = {number: signal.signal(number, lambda *_: told.sendall(b"stop")) for number in stopping()}
        try:
            yield heard
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
