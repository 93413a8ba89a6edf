"""Opens a run: the connections, the redactor that knows every secret given, the books. Nothing is sent yet."""

import asyncio
import random
import secrets
import string
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from entity_contract import Contract

from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import Wallet
from entity_conformance.deployment.exchange import Log, Redactor
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.ownership import Ownership
from entity_conformance.deployment.settings import Settings, base_url, is_loopback
from entity_conformance.deployment.tidy import cost
from entity_conformance.deployment.wire import Bounds, Wire


def new_run_id(chance: random.Random | secrets.SystemRandom | None = None) -> str:
    """Nine letters that no other run has; not derived from the seed, so that two runs never share their records."""
    source = chance or secrets.SystemRandom()
    return "".join(source.choice(string.ascii_lowercase) for _ in range(9))


def opened(  # noqa: PLR0913  # the last three are what tests replace
    settings: Settings,
    journals: Path,
    contract: Contract,
    *,
    run: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[RunContext, Journal]:
    """The context of a run and its books. Raises Misuse when the URL is none."""
    base, id_ = base_url(settings.url), run or new_run_id()
    journal = Journal(journals, target=base, run=id_)
    bounds = Bounds(timeout=settings.timeout, max_requests=settings.max_requests, headers=settings.headers)
    wire = Wire(
        Log(_redactor(settings)),
        bounds,
        transport=transport,
        use_proxies=not is_loopback(settings.url),
        sleep=sleep,
    )
    wallet = Wallet()
    wire.reserve = lambda credential: cost(journal.account, credential, has_key=wallet.has("api_key"))
    context = RunContext(
        wire=wire,
        base=base,
        wallet=wallet,
        books=journal,
        owned=Ownership(id_),
        contract=contract,
        entities=(),
        run=id_,
        seed=settings.seed,
        settle=settings.settle,
        is_read_only=settings.is_read_only,
    )
    return context, journal


def _redactor(settings: Settings) -> Redactor:
    """Every secret that was given, told as the variable that a person would set it by."""
    redactor = Redactor([name for name, _ in settings.headers])
    for row, secret in settings.given:
        if row.kind == "session" and settings.given.session_cookie is not None:
            redactor.add(f"{secret.cookie}={secret.value}", f"${row.variable}")
            redactor.add(secret.value, "[session]")  # the variable holds the whole pair
        redactor.add(secret.value, f"${row.variable}")
    for _, value in settings.headers:
        redactor.add(value)
    return redactor
