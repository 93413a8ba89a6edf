"""`conformance properties`: generated requests on any deployment, from its URL to a verdict.

run        asks, and gives the Run that every report is made of
perform    does what the command line asks for
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from entity_conformance.commands.driver import Job, drive
from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import in_thread
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.problems import Refused
from entity_conformance.deployment.reaching import Reached, reach
from entity_conformance.deployment.settings import GENERATED, Settings
from entity_conformance.deployment.wire import Transport
from entity_conformance.report.findings import some
from entity_conformance.report.text import count
from entity_conformance.report.verdict import PlannedCheck, Result, Run
from entity_conformance.suite import course, ledger, untold
from entity_conformance.suite.course import Found, Prepared, Watcher
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.passive import found_by, watched_by
from entity_conformance.suite.preparation import demand_all_scopes
from entity_contract import Action, Contract, Entity

from entity_tests.properties.adapter import Adapter
from entity_tests.properties.checks import OwnChecks
from entity_tests.properties.consequences import told_by
from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.hooks import LiveHooks
from entity_tests.properties.outcome import CHAPTER, Ended, choices, phase_result, results
from entity_tests.properties.phases import PHASES, Phases
from entity_tests.properties.records import CannotMake, LiveRecords, Unanswered
from entity_tests.properties.scope import Scope, Selection, absent, scope, selection
from entity_tests.properties.sender import Sender
from entity_tests.properties.share import Spent

PLAIN, READ_BACK = "plain_record_is_accepted", "record_read_back"
_OF_A_BODY = ("envelope", "response_schema_conformance")


def requirements() -> Ledger:
    """What the property tests judge."""
    return ledger.product(CHAPTER)


def perform(job: Job) -> int:
    """Ask, report, and return the exit code. Raises Misuse, ContractError and ReportError."""
    return drive(job, run)


async def run(  # what a test or another program may put in place of the usual
    settings: Settings,
    *,
    journals: Path,
    contract: Contract,
    watcher: Watcher | None = None,
    stop: asyncio.Event | None = None,
    transport: Transport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Run:
    """Test a deployment and leave it as it was. Raises Misuse before anything is sent."""
    target.demand_main(settings.given, writes=False)
    settings = replace(settings, max_requests=settings.max_requests or GENERATED)
    selected = selection(contract, requirements(), settings)

    async def prepare(context: RunContext) -> Prepared:
        return await _prepared(context, settings, selected, watcher or Watcher())

    return await course.run(
        settings,
        prepare,
        journals=journals,
        contract=contract,
        watcher=watcher,
        stop=stop,
        transport=transport,
        sleep=sleep,
    )


async def _prepared(context: RunContext, settings: Settings, selected: Selection, watcher: Watcher) -> Prepared:
    """Raises Refused where there is no entity that can be tested, and for a key that may not write or delete."""
    context.wire.copies = 2  # schemathesis keeps each answer too
    reached = await reach(context, settings)
    context = reached.context
    if context.wallet.main == "api_key" and context.wallet.only_reads:
        context = replace(context, is_read_only=True)
    without, notes = absent(context.contract, context.entities, settings), reached.notes
    if not context.is_read_only and not settings.is_read_only:
        await demand_all_scopes(Api(context, "preparation"), otherwise=", or, to read only, as --read-key")
        context, rules = await untold.sampled(context)
        notes += rules
    reach_ = scope(
        context.contract,
        settings,
        selected=selected,
        credentials=context.wallet.names,
        without=without,
        found=context.entities,
        is_read_only=context.is_read_only,
    )
    if not reach_.entities:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in without.items())
        raise Refused(f"{context.base} has no entity that can be tested ({reasons})")
    profile = course.profile(context, settings, entities=tuple(entity.name for entity in reach_.entities), notes=notes)
    asking = _Asking(replace(reached, context=context), settings, reach_, selected, watcher)
    plan = tuple(PlannedCheck(f"{CHAPTER}.{phase.name}", None) for phase in PHASES)
    return Prepared(context, profile, asking.work, plan, caveats=_skipped(selected, context.contract))


def _skipped(selected: Selection, contract: Contract) -> tuple[str, ...]:
    """What is said of operations that the user took out; a requirement is named by the verdict itself."""
    names = [operation.id for operation in contract.operations if operation.id in selected.skipped]
    return (f"{count(len(names), 'operation')} skipped by --skip ({some(names)})",) if names else ()


class _Asking:
    """What a prepared run asks, and what it has found so far."""

    def __init__(
        self, reached: Reached, settings: Settings, reach: Scope, selected: Selection, watcher: Watcher
    ) -> None:
        self._context, self._settings, self._reach = reached.context, settings, reach
        self._selected, self._watcher, self._undescribed = selected, watcher, reached.undescribed
        self._findings = Findings()
        self._sender: Sender | None = None

    async def work(self, stop: asyncio.Event) -> Found:
        """Generate requests in a worker thread until the budget is spent, or `stop` is set. Raises Refused."""
        self._watcher.planned(len(PHASES))
        loop = asyncio.get_running_loop()
        await in_thread(self._context, lambda blocking: self._generate(Sender(blocking), loop), stop)
        sender, clauses = self._sender, requirements().requirements
        for collection, exchange in () if sender is None else sender.taken.items():
            self._findings.add(self._shows_nobodys(collection, exchange))
        if sender is not None and stop.is_set():
            sender.stopped()
        owned = self._context.owned
        ended = Ended(
            self._findings,
            self._reach,
            None if sender is None else sender.halted,
            is_strict=self._settings.strict,
            empty=frozenset(one.name for one in self._reach.entities if not owned.known(one.name)),
        )
        passive = await found_by(self._context, self._settings, undescribed=self._untold)
        watched = await watched_by(
            self._context, self._settings, told=told_by(finding.check for finding in self._findings.all)
        )
        return Found(
            results=(*results(ended, self._context.contract, clauses, self._selected), *passive, *watched),
            choices=choices(ended, clauses),
            lost=None if sender is None else sender.lost,
        )

    def _generate(self, sender: Sender, loop: asyncio.AbstractEventLoop) -> None:
        self._sender = sender
        contract, seed = self._context.contract, self._settings.seed
        records = LiveRecords(contract, sender, self._reach.entities, seed)
        adapter = Adapter(sender)
        try:
            self._arrange(records)
        except Spent as spent:
            sender.halted = sender.halted or str(spent)
        checks = OwnChecks(contract, sender)
        phases = Phases(
            contract,
            sender,
            adapter,
            LiveHooks(self._told, adapter, records, self._findings, seed=seed),
            self._findings,
            self._reach,
            seed,
            began=lambda phase: loop.call_soon_threadsafe(self._watcher.started, f"{CHAPTER}.{phase}", None),
            ended=lambda phase: loop.call_soon_threadsafe(self._watcher.finished, self._phase(phase)),
        )
        checks.install()
        try:
            phases.perform()
        finally:
            checks.uninstall()

    @property
    def _told(self) -> Contract:
        """The contract with the entities that are tested, as the deployment describes them."""
        return replace(self._context.contract, entities=self._reach.entities)

    @property
    def _untold(self) -> tuple[Entity, ...]:
        """The entities whose OPTIONS tells no schema, and of which no other failure says so."""
        accused = {finding.operation for finding in self._findings.all if finding.check in _OF_A_BODY}
        return tuple(one for one in self._undescribed if self._operation(one, "metadata") not in accused)

    def _arrange(self, records: LiveRecords) -> None:
        """Records to work on. Raises Refused when the credentials may not make any, and Spent."""
        problems: list[CannotMake | Unanswered] = [*records.look()]
        if not self._context.is_read_only:
            problems += records.make_one_of_each()
            self._findings.judged[PLAIN] += sum("create" in entity.operations for entity in self._reach.entities)
        for finding in filter(None, map(self._finding, problems)):
            self._findings.add(finding)

    def _finding(self, problem: CannotMake | Unanswered) -> Finding | None:
        match problem:
            case Unanswered(entity, action, unanswered):
                exchange = (unanswered.exchange,) if unanswered.exchange else ()
                operation = self._operation(entity, action)
                return Finding(operation, "answers", "must", "E2.envelope", unanswered.message, exchange)
            case CannotMake() if problem.reply.status < 300:
                return None  # it was made, and what its answer lacks is found where answers are judged
            case CannotMake():
                message = self._context.wire.log.redactor.answer(str(problem))
                if problem.reply.status == 403:
                    hint = "give credentials with all scopes, or read only (--read-only)"
                    raise Refused(f"{problem.entity.name}: {message}; {hint}")
                operation = self._operation(problem.entity, "create")
                return Finding(operation, PLAIN, "must", "", message, (problem.reply.exchange,))
            case _:
                assert_never(problem)

    def _shows_nobodys(self, collection: str, exchange: str) -> Finding:
        read = next(
            one.id for one in self._context.contract.operations if (one.entity, one.action) == (collection, "read")
        )
        message = "READ of an id that nobody has shows a record"
        return Finding(read, READ_BACK, "must", "", message, (exchange,), expected="404")

    def _operation(self, entity: Entity, action: Action) -> str:
        return next(
            one.id for one in self._context.contract.operations if (one.entity, one.action) == (entity.name, action)
        )

    def _phase(self, phase: str) -> Result:
        halted = None if self._sender is None else self._sender.halted
        return phase_result(phase, self._findings, requirements().requirements, halted)
