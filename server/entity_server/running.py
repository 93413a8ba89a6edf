"""`reference-server run`: from settings to a server that serves until it is told to stop.

    bind the socket · be alone with the demo · place the credentials · open the store · seed the demo · compose
    · serve · write them · stop

What can go wrong on the way is a StartupError: one line that says what, where, and what to do. The port is taken first,
so that a second server is refused before it touches the database and the credentials of the first; and the credentials'
file, so that the demo replaces no key by one that nobody will ever see.
"""

import asyncio
import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from entity_contract import Contract, ContractError, load

from entity_server.app import compose, create_app, gateway, served, simulated, utc_now
from entity_server.credentials import credentials_file
from entity_server.demo import demo_credentials
from entity_server.demo_lock import alone_with
from entity_server.demo_records import ADA
from entity_server.http.access_log import AccessLog
from entity_server.http.docs import PAGE
from entity_server.http.exchange import Answering
from entity_server.http.fault import Fault, UnknownFault
from entity_server.http.operations import UnservedContract
from entity_server.http.plugins import UnusablePlugin
from entity_server.http.services import Services
from entity_server.metering import measured, metered, metrics_alone, new_meters, new_token, pages
from entity_server.remote import connected
from entity_server.settings import Settings, UnusableSetting
from entity_server.store import Store, StoreUnavailable, open_store
from entity_server.tls import Tls, context_of, tls

if TYPE_CHECKING:
    from entity_server.client_report import Judge, Report
    from entity_server.control.opening import ControlPort
    from entity_server.control.recording import Observer
    from entity_server.control.serving import Page
    from entity_server.variants.varied import Varied

BASE = "/api/v1"
WrongBesides = Callable[[tuple[str, ...]], Answering]
"""The API with further faults, by their ids."""

_BACKLOG = 256
_log = logging.getLogger(__name__)
_HINTS: Mapping[int, str] = {
    errno.EADDRINUSE: "stop what listens there, or choose another port with --port (0 for any that is free)",
    errno.EACCES: "choose a port above 1023 with --port",
    errno.EADDRNOTAVAIL: "choose an address of this machine with --host",
}


class StartupError(Exception):
    """The server cannot start, for a reason that the person at the terminal can do something about."""


async def run(settings: Settings, say: Callable[[str], None]) -> "Report | None":
    """Serve until a signal to stop, and say what the clients were like where that is asked for.

    `say` is given the lines for the terminal. Raises StartupError.
    """
    stopped = asyncio.Event()
    for number in stopping():
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    with (
        readable_errors(),
        listening(settings.host, settings.port) as sock,
        control_socket(settings) as control_sock,
    ):
        async with alone_with(settings.database) if settings.demo else nullcontext():
            return await _run(settings, say, sock, control_sock, stopped)


def stopping() -> tuple[signal.Signals, ...]:
    """The signals that stop a server: the end of its terminal is one, unless it was started to outlive that (nohup)."""
    outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT) if outlives else (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


async def _run(
    settings: Settings,
    say: Callable[[str], None],
    sock: socket.socket,
    control_sock: socket.socket | None,
    stopped: asyncio.Event,
) -> "Report | None":
    with (
        credentials_file(settings.credentials_file) as write,
        tls(settings) as secured,
        _client_report(settings) as write_report,
    ):
        faults = _faults(settings.faults)
        varied = _varied(settings)
        contract = varied.own_contract(load(settings.contract)) if varied else load(settings.contract)
        clock = utc_now if control_sock is None else _movable_clock()
        meters = new_meters(settings)
        async with (
            opened(settings.database, contract, text_index=settings.text_index) as store,
            connected(compose(contract, store, settings, clock=clock), settings, meters=meters) as services,
        ):
            clients = _judge_of_clients(contract, varied) if settings.judges_clients else None
            wrong_besides = _wrong_besides(settings, measured(services, meters), faults, varied)
            port = (
                _control_port(
                    settings, store, services, wrong_besides, clients=clients, varied=varied, shown=pages(meters)
                )
                if control_sock and not settings.shares
                else None
            )
            answering = port.controlled if port else _watched(services, wrong_besides, clients)
            app = create_app(
                services,
                origins=settings.cors,
                answering=metered(answering, store, services, meters),
                access_log=access_log(settings),
                shown=varied.shown_contract(contract) if varied else None,
                alone=control_sock is None,
            )
            if port:
                app.config.RESPONSE_TIMEOUT = float("inf")  # a rule may hold an answer back for longer than a minute
            credentials = await demo_credentials(settings, store, contract, services.compiled, clock())
            token, beside = port.token if port else None, _served_beside(port, control_sock)
            if control_sock and meters and not port:
                token = new_token()
                beside = served(metrics_alone(settings, meters, token), control_sock)
            async with beside, served(app, sock, tls=context_of(secured)):
                if control_sock and token:
                    credentials |= {"controlUrl": control_url(settings, control_sock), "controlToken": token}
                url = base_url(settings.host, sock, secured)
                write({"baseUrl": url, **credentials, **trusted(secured), **(varied.told() if varied else {})})
                say(announcement(url, settings, varied.announced() if varied else None))
                gc.freeze()  # what was loaded so far is no garbage: see `__main__`
                gc.enable()
                await stopped.wait()
        if clients is None:
            return None
        report = clients.report()
        write_report(report)
        return report


@contextmanager
def control_socket(settings: Settings) -> Iterator[socket.socket | None]:
    """The listening socket of the control port, None when there is to be none. Raises StartupError."""
    if settings.control_port is None:
        yield None
        return
    with listening(settings.control_host, settings.control_port, options="--control-") as sock:
        yield sock


def _movable_clock() -> Callable[[], datetime]:
    from entity_server.control.clock import Clock  # noqa: PLC0415 - a server without a control port need not load it

    return Clock(utc_now)


def _control_port(  # noqa: PLR0913 - the parts of a server
    settings: Settings,
    store: Store,
    services: Services,
    wrong_besides: WrongBesides,
    *,
    clients: "Judge | None",
    varied: "Varied | None",
    shown: "Mapping[str, Page]",
) -> "ControlPort":
    from entity_server.control.opening import control_port  # noqa: PLC0415 - likewise

    return control_port(
        store,
        services,
        wrong_besides,
        host=settings.control_host,
        first_owner=ADA if settings.demo else None,
        observer=_observer(clients),
        client_judge=partial(_judge_of_clients, services.contract, varied),
        pages=shown,
    )


def _watched(services: Services, wrong_besides: WrongBesides, clients: "Judge | None") -> Answering:
    """What answers where there is no control port; a judge of clients sees every request."""
    if clients is None:
        return wrong_besides(())
    from entity_server.control.opening import watched  # noqa: PLC0415 - likewise

    return watched(services, wrong_besides, _observer(clients))


def _judge_of_clients(contract: Contract, varied: "Varied | None") -> "Judge":
    """Who judges clients, and knows what this server shows to them besides what others do."""
    from entity_server.client_report import Judge  # noqa: PLC0415 - likewise

    others, members = varied.shows() if varied else (False, False)
    return Judge(contract, other_choices=others, added_members=members)


@contextmanager
def _client_report(settings: Settings) -> Iterator[Callable[["Report"], None]]:
    """What writes the report on clients; nowhere, where there is to be none."""
    if settings.client_report is None:
        yield lambda _: None
        return
    from entity_server.client_report.writing import report_file  # noqa: PLC0415 - likewise

    with report_file(settings.client_report) as write:
        yield write


def _observer(clients: "Judge | None") -> "Observer | None":
    if clients is None:
        return None
    from entity_server.control.reporting import observing  # noqa: PLC0415 - likewise

    return observing(clients)


def _wrong_besides(
    settings: Settings, services: Services, faults: tuple[Fault, ...], varied: "Varied | None"
) -> WrongBesides:
    """The API as it was asked for, with these faults beside those that it was started with."""

    def answering(ids: tuple[str, ...]) -> Answering:
        acts = (*(varied.acts if varied else ()), *faults, *_faults(ids))
        found = simulated(services, acts) if settings.simulate else gateway(services, acts)
        return varied.in_front_of(found) if varied else found

    return answering


@asynccontextmanager
async def _served_beside(port: "ControlPort | None", sock: socket.socket | None) -> AsyncIterator[None]:
    """The control port at its socket, if there is one: what a reset goes back to is the state as it is now."""
    if port is None or sock is None:
        yield
        return
    await port.state.settle()
    async with served(port.app, sock):
        try:
            yield
        finally:
            port.state.end()


def control_url(settings: Settings, sock: socket.socket) -> str:
    """Where the control port is."""
    from entity_server.control.document import ROOT  # noqa: PLC0415 - likewise

    return base_url(settings.control_host, sock).removesuffix(BASE) + ROOT


def access_log(settings: Settings) -> AccessLog | None:
    """The log of every request, on stderr: stdout is for the line that says where the server is."""
    if settings.access_log == "off":
        return None

    def write(line: str) -> None:
        with suppress(OSError):  # whoever read it is gone, and requests go on
            print(line, file=sys.stderr)  # noqa: T201 - a line of a log

    return AccessLog(settings.access_log, write, utc_now)


def _varied(settings: Settings) -> "Varied | None":
    if settings.choices is None and not settings.variants and settings.seed is None:
        return None
    from entity_server.variants.varied import varied  # noqa: PLC0415 - a server like others need not load them

    return varied(settings)


def _faults(ids: tuple[str, ...]) -> tuple[Fault, ...]:
    if not ids:
        return ()
    from entity_server.faults import chosen  # noqa: PLC0415 - a server that is right need not load them

    return chosen(ids)


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn what the parts of the server raise at start-up into a StartupError."""
    try:
        yield
    except ContractError as error:
        raise StartupError(f"the contract cannot be used: {error}") from error
    except UnservedContract as error:
        hint = "write what is missing in server/entity_server, or serve another contract with --contract"
        raise StartupError(f"the contract asks for what this server does not have: {error}; {hint}") from error
    except (StoreUnavailable, UnknownFault, UnusablePlugin, UnusableSetting) as error:
        raise StartupError(str(error)) from error


@asynccontextmanager
async def opened(database: str, contract: Contract, *, text_index: bool | None = None) -> AsyncIterator[Store]:
    """The store, closed again on the way out."""
    store = await open_store(database, contract, text_index=text_index)
    if store.no_text_index:
        _log.warning("searches go on without --text-index: %s", store.no_text_index)
    try:
        yield store
    finally:
        await store.close()


@contextmanager
def listening(host: str, port: int, *, options: str = "--") -> Iterator[socket.socket]:
    """A listening socket. Raises StartupError if there can be none; `options` is how the options for it begin."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:  # the latter for what cannot be a host's name
        reason = getattr(error, "strerror", "this is no host name")
        raise StartupError(f"cannot listen on {host}: {reason}; choose another address with {options}host") from error
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            sock.listen(_BACKLOG)
        except OSError as error:
            hint = _HINTS.get(error.errno or 0, "choose another address with --host or another port with --port")
            message = f"cannot listen on {host} port {port}: {error.strerror}; {hint.replace('--', options)}"
            raise StartupError(message) from error
        sock.settimeout(0)
        yield sock


def trusted(secured: Tls | None) -> Mapping[str, str]:
    """What the credentials file tells of the authority that clients are to trust."""
    return {"ca": str(secured.ca)} if secured and secured.ca else {}


def base_url(host: str, sock: socket.socket, secured: Tls | None = None) -> str:
    """Where a client on this machine finds the API; "any address" is reached as the loopback one."""
    port = sock.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - to be replaced
    return f"{'https' if secured else 'http'}://{f'[{name}]' if ':' in name else name}:{port}{BASE}"


def announcement(url: str, settings: Settings, varied: str | None = None) -> str:
    """The line that says where the server is, and what else the person at the terminal should know."""
    parts = [f"Reference server on {url}", f"documentation on {url.removesuffix(BASE)}{PAGE}"]
    if settings.credentials_file is not None:
        parts.append(f"credentials in {settings.credentials_file}")
    if settings.control_port is not None:
        parts.append("a control port beside it")
    if settings.faults:
        parts.append(f"wrong on purpose: {', '.join(dict.fromkeys(settings.faults))}")
    if varied is not None:
        parts.append(varied)
    return "; ".join((*parts, "stop it with Ctrl+C"))
