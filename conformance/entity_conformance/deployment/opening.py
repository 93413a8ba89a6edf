"""Opens a run: the connections, the redactor that knows every secret given, the journal. Nothing is sent yet."""

import asyncio
import os
import random
import secrets
import string
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from entity_contract import Contract

from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import CredentialName, Wallet
from entity_conformance.deployment.exchange import Log, Redactor
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.network import Network, network
from entity_conformance.deployment.outgoing import Bounds
from entity_conformance.deployment.ownership import Ownership
from entity_conformance.deployment.settings import MOST_AT_ONCE, Settings, base_url
from entity_conformance.deployment.tidy import cost
from entity_conformance.deployment.wire import Wire


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
    journal: Journal | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[RunContext, Journal]:
    """The context of a run and its journal: a new one, or the `journal` of a run to be cleaned up after.

    Raises Misuse when the URL is none, or the environment names a proxy or certificates that cannot be used.
    """
    base = base_url(settings.url)
    journal = journal or Journal(journals, target=base, run=run or new_run_id(), given=settings.given)
    id_ = journal.account.run
    bounds = Bounds(
        timeout=settings.timeout,
        max_requests=settings.max_requests,
        max_wait=settings.max_wait,
        headers=settings.headers,
        other_headers=settings.other_headers,
    )
    way = Network() if transport is not None else network(base, os.environ, settings.tls)
    wire = Wire(Log(_redactor(settings)), bounds, transport=transport, way=way, sleep=sleep)
    wallet = Wallet()
    wire.reserve = lambda credential: cost(journal.account, credential, able=removing(wallet))
    context = RunContext(
        wire=wire,
        base=base,
        wallet=wallet,
        journal=journal,
        owned=Ownership(id_),
        contract=contract,
        entities=(),
        run=id_,
        seed=settings.seed,
        spelling=settings.spelling,
        settle=settings.settle,
        concurrency=min(settings.concurrency, MOST_AT_ONCE),
        is_read_only=settings.is_read_only,
        is_thorough=settings.thorough,
        is_smoke=settings.smoke,
    )
    return context, journal


def removing(wallet: Wallet) -> frozenset[CredentialName]:
    """The credentials of the run's own user that clean up; the API key where it is not the one that only reads."""
    spare: set[CredentialName] = set() if wallet.main == "api_key" else {"api_key"}
    return frozenset(wallet.names) - spare


def _redactor(settings: Settings) -> Redactor:
    """Every secret that was given, told as the variable that a person would set it by."""
    redactor = Redactor()
    for row, secret in settings.given:
        if row.kind == "session" and settings.given.session_cookie is not None:
            redactor.add(f"{secret.cookie}={secret.value}", f"${row.variable}")
            redactor.add(secret.value, "[session]")  # the variable holds the whole pair
        redactor.add(secret.value, f"${row.variable}")
    redactor.add_headers(settings.headers)
    redactor.add_headers(settings.other_headers, "OTHER_HEADER")
    return redactor
