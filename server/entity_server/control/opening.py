"""From a store and settings to a server with a control port beside it."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from entity_server.client_report import Judge as ClientJudge
from entity_server.control.asked_rules import AskedRules
from entity_server.control.clock import Clock
from entity_server.control.controlled import Answerers, Compose, Controlled
from entity_server.control.document import ROOT, control_document
from entity_server.control.hosts import Hosts
from entity_server.control.operations import Answered, Asked, Handler, Operations
from entity_server.control.owners import Owners
from entity_server.control.recording import Observer, Requests
from entity_server.control.rules import Rules
from entity_server.control.serving import App, Control, Page, create_app
from entity_server.control.state import State
from entity_server.control.traffic import Traffic
from entity_server.control.verdicts import Judge
from entity_server.domain.limits import RateLimiter
from entity_server.http.services import Services
from entity_server.store import Store


@dataclass(frozen=True, slots=True)
class Controls:
    """What a test can do to a server, without a socket: what answers in the gateway's place, and the operations."""

    controlled: Controlled
    state: State
    handlers: Mapping[str, Handler]
    asked_rules: AskedRules

    async def answer(self, method: str, target: str, body: bytes) -> Answered:
        """What the control port answers to a path below its root with a query, in JSON. Raises Problem."""
        path, _, query = target.partition("?")
        operation, values = control_document().find(method, ROOT + path)
        asked = Asked(values, operation.read_query(query), operation.read_body(body))
        return await self.handlers[operation.id](asked)


@dataclass(frozen=True, slots=True)
class ControlPort:
    """A control port: what answers at the socket of the API, the application of its own socket, and its token.

    The state of the server is settled once, when everything is there that a reset is to bring back.
    """

    controlled: Controlled
    state: State
    app: App
    token: str = field(repr=False)


def control_port(  # noqa: PLR0913 - what a test may change, and who may come in
    store: Store,
    services: Services,
    compose: Compose,
    *,
    host: str,
    first_owner: str | None,
    observer: Observer | None = None,
    client_judge: Callable[[], ClientJudge] | None = None,
    pages: Mapping[str, Page] | None = None,
) -> ControlPort:
    """A control port for the server that these services make, at an address of which `host` is the name.

    See `controls`. `pages` are pages of another kind, by their path below the root.
    """
    found = controls(store, services, compose, first_owner=first_owner, observer=observer, client_judge=client_judge)
    control = Control(
        document=control_document(),
        hosts=Hosts(host),
        token=secrets.token_urlsafe(32),
        handlers=found.handlers,
        requests=found.controlled.requests,
        judge_operation=found.asked_rules.judge_operation,
        pages=pages or {},
    )
    return ControlPort(found.controlled, found.state, create_app(control), control.token)


def controls(  # noqa: PLR0913 - what a test may change
    store: Store,
    services: Services,
    compose: Compose,
    *,
    first_owner: str | None,
    observer: Observer | None = None,
    client_judge: Callable[[], ClientJudge] | None = None,
) -> Controls:
    """What a test can do to the server that these services make.

    The services tell the time by a Clock, and count limits in this process.
    """
    clock = services.clock
    assert isinstance(clock, Clock), "nobody else can move the time"
    limiters = {credential: one for credential, one in services.limiters.items() if isinstance(one, RateLimiter)}
    assert limiters.keys() == services.limiters.keys(), "nobody else can put limits back"
    controlled = watched(services, compose, observer)
    state = State(
        store, limiters, clock, controlled.rules, controlled.requests, controlled.answerers, controlled.traffic
    )
    owners = Owners(store, services.compiled, clock, first_owner)
    asked_rules = AskedRules(services.compiled, _catalogue)
    operations = Operations(
        services.contract,
        services.compiled,
        state,
        owners,
        asked_rules,
        client_judge or partial(ClientJudge, services.contract),
    )
    return Controls(controlled, state, operations.handlers(), asked_rules)


def watched(services: Services, compose: Compose, observer: Observer | None) -> Controlled:
    """What answers at the socket of the API, records each request, and acts by rules when there are some."""
    answerers = Answerers(compose)
    answerers.wrong_in(())  # what the contract asks for and this server does not have is told at the start
    return Controlled(
        contract=services.contract,
        clock=services.clock,
        judge=Judge(services.compiled),
        answerers=answerers,
        rules=Rules(),
        requests=Requests(observer),
        traffic=Traffic(),
    )


def pages_alone(pages: Mapping[str, Page], *, host: str, token: str) -> App:
    """A control port without any operation, for a server that shares its state with others: with these pages alone."""
    return create_app(
        Control(
            document=control_document(),
            hosts=Hosts(host),
            token=token,
            handlers={},
            requests=Requests(),
            judge_operation=lambda _: None,
            pages=pages,
        )
    )


def _catalogue() -> Sequence[str]:
    from entity_server.faults import FAULTS  # noqa: PLC0415 - loaded when a rule asks for one

    return [fault.id for fault in FAULTS]
