"""A trial: the whole suite on a deployment with variants, and whether anybody was accused who must not be.

Expected of a deployment with variants: `conforms`, exit 0; every choice recorded, every SHOULD that does not hold
warned of, every capability that is not there out of scope; and nothing else skipped, blocked, warned, failed or broken.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_contract import Contract
from entity_server.variants.document import own_contract

from entity_tests.deployments.in_process import URL, Deployment, GatewayTransport, deployed
from entity_tests.proofs.kill_matrix import stands_on
from entity_tests.proofs.variants.claims import Allowed, Ask, Variant, any_choice

AT_ONCE = 4
"""Runs side by side: some wait a second for a clock to move."""

GOOD = frozenset({Outcome.passed, Outcome.observed})


@dataclass(frozen=True, slots=True)
class Tried:
    """A run, and what was asked after it."""

    run: Run
    asked: tuple[Exchange, ...]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Everything that was exchanged."""
        return (*self.run.exchanges, *self.asked)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One deployment to be tried: the variants that it has, none for the reference server as it is.

    Its run is about these entities, or about all.
    """

    variants: tuple[Variant, ...] = ()
    entities: tuple[str, ...] = ()
    strict: bool = False
    require_full: bool = False

    @property
    def documents(self) -> frozenset[str]:
        """The variants that change the server's document: what decides which database it can have."""
        return frozenset(one.id for one in self.variants if one.document is not None)


async def attempted(
    contract: Contract,
    attempts: Sequence[Attempt],
    *,
    asks: Iterable[Variant] = (),
    told: Callable[[Attempt, Tried], None] = lambda _attempt, _tried: None,
) -> list[Tried]:
    """Try deployments, those of one document at once: a process has one store open at a time.

    After its run each is asked what its variants ask, and what those of `asks` do. `told` hears of each at its end.
    """
    found: dict[int, Tried] = {}
    places: dict[frozenset[str], list[int]] = {}
    for place, attempt in enumerate(attempts):
        places.setdefault(attempt.documents, []).append(place)
    also = tuple(asks)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(deployment: Deployment, place: int) -> None:
        async with room:
            found[place] = await _tried(deployment, attempts[place], also)
        told(attempts[place], found[place])

    for group in places.values():
        served = _changed(contract, attempts[group[0]])
        async with deployed(served, expected=contract) as deployment:
            await asyncio.gather(*(one(deployment, place) for place in group))
    return [found[place] for place in range(len(attempts))]


def _changed(contract: Contract, attempt: Attempt) -> Contract:
    """The server's own document with its variants."""
    return own_contract(contract, [one.document for one in attempt.variants if one.document is not None])


async def _tried(deployment: Deployment, attempt: Attempt, asks: tuple[Variant, ...]) -> Tried:
    """Run the whole suite with what most users have, so that it makes its own restricted keys; then ask."""
    variants = attempt.variants
    acts = [fault for one in variants for fault in one.acts]
    rewrites = [one.rewrite for one in variants if one.rewrite is not None]
    readdresses = [one.readdress for one in variants if one.readdress is not None]
    known = deployment.given
    given = known.only("api_key", "session", "other_api_key")
    settings = Settings(URL, given, strict=attempt.strict, require_full=attempt.require_full, entities=attempt.entities)
    for one in variants:
        settings = settings if one.settings is None else one.settings(settings)
    with tempfile.TemporaryDirectory() as folder:
        run = await deployment.run(
            Path(folder), faults=acts, rewrites=rewrites, readdresses=readdresses, settings=settings
        )
    asked = dict.fromkeys(json.dumps(ask) for one in (*variants, *asks) for ask in one.allowed.asks)
    transport = GatewayTransport(deployment.gateway(acts), rewrites, readdresses)
    return Tried(run, await _asked(transport, known, [tuple(json.loads(ask)) for ask in asked]))


async def _asked(transport: GatewayTransport, known: Given, asks: Sequence[Ask]) -> tuple[Exchange, ...]:
    found: list[Exchange] = []
    key = known.get("api_key")
    assert key is not None
    headers = dict([key.header])
    async with httpx.AsyncClient(transport=transport, base_url=f"{URL}/api/v1", headers=headers) as client:
        for method, path, body in asks:
            response = await client.request(method, path, json=body)
            found.append(
                Exchange(
                    id=f"asked{len(found)}", check="asked", credential="api_key", method=method, url=str(response.url),
                    request_headers=(), request_body=None, status=response.status_code,
                    response_headers=tuple(response.headers.items()), response_body=response.text, seconds=0.0,
                )
            )  # fmt: skip
    return tuple(found)


def misjudged(of: Tried, variants: Sequence[Variant]) -> list[str]:
    """What the run says of the deployment that it must not say, each in a line."""
    lines = [
        f"{result.requirement} [{result.entity}] {result.outcome.name}: {result.message}"
        f" (expected {result.expected}, actual {result.actual})"
        for result in of.run.results
        if result.outcome not in GOOD and not any(_expected(result, one.allowed) for one in variants)
    ]
    verdict = of.run.verdict
    return lines if verdict.exit_code == 0 else [*lines, f"exit {verdict.exit_code}: {verdict.reason}"]


def _expected(result: Result, allowed: Allowed) -> bool:
    """Whether a result that is not good is what must come of a variant."""
    match result.outcome:
        case Outcome.warned:
            return result.requirement in allowed.warns
        case Outcome.skipped:
            beside = any(result.message.startswith(f"it is about what {name} ") for name in allowed.warns)
            return beside or result.requirement in allowed.lacks or result.entity in allowed.unmade
        case _:
            return False


def unseen(of: Tried, variant: Variant) -> list[str]:
    """What ought to show that the variant is in effect, and does not."""
    allowed = variant.allowed
    ended = {(result.requirement, result.outcome) for result in of.run.results}
    missing = [
        f"{requirement} was not observed as {taken}, but as {sorted(any_choice(of.run, requirement))}"
        for requirement, taken in allowed.chooses.items()
        if taken not in any_choice(of.run, requirement)
    ]
    missing += [f"{name} was not warned" for name in sorted(allowed.warns) if (name, Outcome.warned) not in ended]
    missing += [f"{name} was not skipped" for name in sorted(allowed.lacks) if (name, Outcome.skipped) not in ended]
    if allowed.shows is not None and not allowed.shows(of.exchanges):
        missing.append("no exchange shows it")
    return missing


def is_said_of(variant: Variant, of: Tried) -> bool:
    """Whether anything that shows the variant shows in a trial, for one without it."""
    allowed = variant.allowed
    signs = len(allowed.chooses) + len(allowed.warns) + len(allowed.lacks) + (allowed.shows is not None)
    return len(unseen(of, variant)) < signs


def clash(one: Variant, other: Variant) -> bool:
    """Whether two variants cannot be one deployment: they take different sides of a row, or claim the same clause.

    What breaks a SHOULD, or lacks something, takes no side: it only claims clauses. Neither can be seen where what its
    check stands on does not hold.
    """
    if one.id in other.apart or other.id in one.apart:
        return True
    claims = {*one.allowed.chooses, *one.allowed.warns, *one.allowed.lacks}
    takes_no_side = (one.allowed.warns and other.allowed.warns) or one.allowed.lacks or other.allowed.lacks
    stand = {one.id: _stands_on(one), other.id: _stands_on(other)}
    if stand[one.id] & other.allowed.warns or stand[other.id] & one.allowed.warns:
        return True
    same_row = not one.allowed.rows.isdisjoint(other.allowed.rows) and not takes_no_side
    return same_row or not claims.isdisjoint({*other.allowed.chooses, *other.allowed.warns, *other.allowed.lacks})


def _stands_on(variant: Variant) -> frozenset[str]:
    """What must hold before it can be seen that the variant breaks a SHOULD, or takes a choice."""
    claims = (*variant.allowed.warns, *variant.allowed.chooses)
    return frozenset().union(*(stands_on(one) for one in claims)) - variant.allowed.warns


def together(variants: Iterable[Variant]) -> list[tuple[Variant, ...]]:
    """The variants as deployments, as few as they go into; those that break a SHOULD apart from those that do not."""
    groups: list[list[Variant]] = []
    for variant in variants:
        for group in groups:
            if bool(group[0].allowed.warns) == bool(variant.allowed.warns) and not any(
                clash(variant, other) for other in group
            ):
                group.append(variant)
                break
        else:
            groups.append([variant])
    return [tuple(group) for group in groups]
