"""The suite: every chapter's checks, and `run`, which takes a deployment from its URL to a verdict.

`run` is a library function too: it prints nothing, reads no environment and installs no signal handler.

    performed = await suite.run(Settings("http://127.0.0.1:5173", Given(api_key="...")), journals=folder)
    assert performed.verdict.exit_code == 0
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import entity_contract as contracts
from entity_contract import Contract

from entity_conformance.deployment.allowance import Standing
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import CREDENTIALS, Wallet
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import SMOKE, Settings
from entity_conformance.deployment.wire import Transport
from entity_conformance.report.expected import Expected
from entity_conformance.report.verdict import Run
from entity_conformance.suite import course
from entity_conformance.suite import ledger as ledgers
from entity_conformance.suite.checks import (
    auth,
    create,
    dates,
    delete,
    errors,
    generate,
    health,
    keys,
    limits,
    metadata,
    read,
    search,
    select,
    situations,
    sort,
    update,
)
from entity_conformance.suite.checks import filter as filter_
from entity_conformance.suite.checks import list as list_
from entity_conformance.suite.course import Found, Prepared, Watcher
from entity_conformance.suite.expectation import Expectation
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.looking import look_again
from entity_conformance.suite.plan import Plan, Scope, plan
from entity_conformance.suite.plan import selection as selected
from entity_conformance.suite.preparation import MADE, Preparation, prepare
from entity_conformance.suite.registry import Check
from entity_conformance.suite.runner import Runner
from entity_conformance.suite.watch import passive_checks

CHAPTERS = (
    auth,
    list_,
    filter_,
    sort,
    search,
    select,
    dates,
    create,
    read,
    update,
    delete,
    metadata,
    situations,
    errors,
    limits,
    keys,
    generate,
    health,
)


def checks() -> tuple[Check, ...]:
    """Every check of the suite, in the chapters' order; behind them those that ask nothing."""
    active = {check.requirement: check for chapter in CHAPTERS for check in chapter.chapter.checks}
    return tuple({**passive_checks(), **active}.values())


async def run(  # noqa: PLR0913  # what a test or another program may put in place of the suite's own
    settings: Settings,
    *,
    journals: Path,
    contract: Contract | None = None,
    proofs: Sequence[Check] | None = None,
    ledger: Ledger | None = None,
    watcher: Watcher | None = None,
    stop: asyncio.Event | None = None,
    transport: Transport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    besides: Callable[[Expected], Expected] = lambda expected: expected,
) -> Run:
    """Test a deployment and remove what that made. Journals of what is created are kept in the folder `journals`.

    A deployment that cannot be tested is a Run too, with its verdict. When `stop` is set the run ends early, still
    cleaning up. `besides` adds to what is expected what the caller is going to send. Raises Misuse when the settings
    cannot be followed, ContractError when the contract cannot be read.
    """
    ledger, contract = ledger or ledgers.load(), contract or contracts.load()
    selected(ledger, only=settings.only, skip=settings.skip)
    if settings.smoke:
        settings = _narrowed(settings, contract)

    async def prepared(context: RunContext) -> Prepared:
        alone = partial(_is_better_alone, settings=settings, ledger=ledger, proofs=proofs or checks())
        ready = await prepare(context, settings, is_better_alone=alone)
        planned = _planned(ready, settings, ledger, proofs or checks(), watcher or Watcher())
        return replace(planned, expected=planned.expected and besides(planned.expected))

    return await course.run(
        settings,
        prepared,
        journals=journals,
        contract=contract,
        watcher=watcher,
        stop=stop,
        transport=transport,
        sleep=sleep,
    )


def _narrowed(settings: Settings, contract: Contract) -> Settings:
    """A smoke test: few requests, on the first entity unless the user names others."""
    entities = settings.entities or tuple(entity.name for entity in contract.entities[:1])
    return replace(settings, entities=entities, max_requests=min(settings.max_requests or SMOKE, SMOKE))


def _is_better_alone(  # noqa: PLR0913  # what a plan is made of
    context: RunContext,
    scopes: frozenset[contracts.Scope],
    standing: Standing,
    making: int,
    *,
    settings: Settings,
    ledger: Ledger,
    proofs: Sequence[Check],
) -> bool:
    """Whether keys alone judge more MUSTs than a session that can pay for less than the run would have it do."""
    whole, made = _assumed(context, scopes, settings, ledger, proofs), making if "write" in scopes else 0
    expectation = Expectation(whole, context, settings, writes="write" in scopes, making=made, session=standing)
    if expectation.left_to_session() < 0:
        return True
    with_it, cut = expectation.fitted(ledger)
    if cut is None:
        return False
    wallet = Wallet()
    for name in context.wallet.names:
        if name != "session" and (secret := context.wallet.get(name)) is not None:
            wallet.put(name, secret)
    alone = replace(context, wallet=wallet)
    whole = _assumed(alone, scopes, settings, ledger, proofs)
    without_it, _ = Expectation(whole, alone, settings, writes="write" in scopes).fitted(ledger)
    return len(_musts(without_it, ledger)) > len(_musts(with_it, ledger))


def _assumed(
    context: RunContext,
    scopes: frozenset[contracts.Scope],
    settings: Settings,
    ledger: Ledger,
    proofs: Sequence[Check],
) -> Plan:
    """The plan of a run that is not prepared yet: a session makes the keys that were not given."""
    missing: dict[str, OutOfProfile | Blocked] = {}
    for row in CREDENTIALS:
        is_made = context.wallet.has("session") and row.name in MADE
        if not is_made and (reason := context.wallet.missing(row.name)) is not None:
            missing[row.name] = reason
    operators = frozenset(operator.name for operator in context.contract.operators)
    scope = Scope(
        context.entities,
        operators,
        missing,
        scopes,
        only=settings.only,
        skip=settings.skip,
        allow=settings.allow,
        is_thorough=context.is_thorough,
    )
    return plan(proofs, ledger, scope, stand_ins=passive_checks())


def _musts(of: Plan, ledger: Ledger) -> frozenset[str]:
    """The MUSTs that a plan asks about."""
    asked = (step.check.requirement for step in of.steps if step.check.unseen is None)
    return frozenset(name for name in asked if ledger.requirements[name].level == "must")


def _planned(
    preparation: Preparation, settings: Settings, ledger: Ledger, proofs: Sequence[Check], watcher: Watcher
) -> Prepared:
    """The plan for what was found, and the runner that performs it. Raises Misuse."""
    context, scope = preparation.context, preparation.scope
    whole = plan(proofs, ledger, scope, stand_ins=passive_checks())
    writes = not context.is_read_only and "write" in scope.scopes
    expectation = Expectation(whole, context, settings, writes=writes)
    steps, cut = expectation.fitted(ledger)
    runner = Runner(
        steps,
        ledger,
        context,
        watcher,
        concurrency=context.concurrency,
        strict=settings.strict,
        look_again=look_again if writes or expectation.asks_of_what_is_there(steps) else None,
    )
    profile = course.profile(
        context,
        settings,
        lacking=scope.lacking,
        capabilities=preparation.capabilities,
        entities=tuple(entity.name for entity in scope.entities),
        out_of_scope=steps.out_of_scope,
        opt_in=steps.opt_in,
        notes=preparation.notes,
    )

    async def work(stop: asyncio.Event) -> Found:
        return replace(await runner.perform(stop), cut=cut)

    left_out = course.left_out(profile, ledger.requirements, steps.elsewhere)
    return Prepared(context, profile, work, steps.outline, left_out, expectation.of(steps))
