"""Runs schemathesis, phase after phase: examples and coverage, then stateful sequences, then fuzzing.

Each phase has a share of the budget, and in all but the sequences each operation has a part of it; of the cases that
coverage can make, as many as fit are taken, from every kind of case alike.

Configures and counts. `hooks` knows the API, `sender` says what may be sent.
"""

import copy
import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any, cast

import schemathesis
from entity_conformance.deployment.blocking import Stopped
from entity_conformance.suite.defects import defect_of
from entity_contract import Contract, Operation
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from entity_tests.properties import characters, strategies
from entity_tests.properties.adapter import KEY, SESSION, Adapter, NoWholeAnswer, sending_through
from entity_tests.properties.findings import Finding, Findings
from entity_tests.properties.generation import AnyCase
from entity_tests.properties.hooks import LiveHooks
from entity_tests.properties.scope import GENERATING, Scope
from entity_tests.properties.sender import Sender
from entity_tests.properties.share import Share

AUTH = "ignored_auth"
"""The check that sends a request without and with wrong credentials: once for each operation is enough."""

_ONCE = frozenset({GENERATING})
"""Operations that cost money: no sequences, no fuzzing."""

_CASES = 20
_FEW = 10
"""Cases of coverage made for each request that an operation may send, and the least."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of schemathesis, and what part it may take of the budget that the phases before it left."""

    name: str
    part: float

    @property
    def is_about_operations(self) -> bool:
        """Whether it takes one operation after the other, rather than sequences of several."""
        return self.name != "stateful"

    def operations(self, scope: Scope) -> tuple[Operation, ...]:
        """The operations that it tests."""
        is_short = self.name in ("examples", "coverage")
        return tuple(one for one in scope.operations if is_short or one.id not in _ONCE)


PHASES = (Phase("examples", 0.12), Phase("coverage", 0.6), Phase("stateful", 0.5), Phase("fuzzing", 1.0))


@dataclass(frozen=True, slots=True)
class Phases:
    """What every phase of a run works with. `began` and `ended` are told each phase's name."""

    contract: Contract
    sender: Sender
    adapter: Adapter
    hooks: LiveHooks
    findings: Findings
    scope: Scope
    seed: int
    began: Callable[[str], object]
    ended: Callable[[str], object]

    def perform(self) -> None:
        """Run every phase. Raises Stopped."""
        schemathesis.openapi.format("json-object", strategies.filters(self.contract.operators))
        self.hooks.install()
        try:
            with sending_through(self.adapter), without_complaints(), characters.told():
                for phase in PHASES:
                    self.began(phase.name)
                    self._perform(phase)
                    self.ended(phase.name)
        finally:
            self.hooks.uninstall()

    def _perform(self, phase: Phase) -> None:
        operations = phase.operations(self.scope)
        parts = len(operations) if phase.is_about_operations else None
        share = Share(int(self.sender.left * phase.part), parts)
        if self._is_over(share):
            return
        self.findings.begun.append(phase.name)
        if operations:
            self.sender.share = share
            self._run(phase, operations, share)
            self.sender.share = None

    def _is_over(self, share: Share) -> bool:
        return self.sender.halted is not None or share.left <= 0

    def _run(self, phase: Phase, operations: tuple[Operation, ...], share: Share) -> None:
        schema = self._schema(phase, operations, share)
        self.hooks.hang_into(schema)
        self._choose(schema, at_most=max(_FEW, _CASES * share.left // len(operations)))
        stream = from_schema(schema).execute()
        stopped = False
        for event in stream:
            match event:
                case events.NonFatalError():
                    self._failed(phase, event)
                case events.FatalError():
                    self._broke(phase, self._redacted(event.exception))
                case events.Interrupted() if not stopped:
                    raise Stopped
                case events.ScenarioFinished():
                    self._note(event.recorder)
                case _:
                    pass
            if self._is_over(share) and not stopped:
                stopped = True
                stream.stop()  # nothing more would be sent

    def _note(self, recorder: ScenarioRecorder) -> None:
        for case_id, checks in recorder.checks.items():
            names = {check.name for check in checks}
            self.findings.judged.update(names)
            response = recorder.find_response(case_id=case_id)
            if response is not None and 200 <= response.status_code < 300 and AUTH in names:
                operation = recorder.cases[case_id].value.operation
                self.findings.guarded.add(operation.definition.raw["operationId"])
        for finding in self.findings.all:
            if finding.case in recorder.cases:
                self.findings.led_to(finding.case, tuple(self._before(recorder, finding.case)))

    def _before(self, recorder: ScenarioRecorder, case_id: str) -> Iterator[str]:
        """The exchanges of the steps that led to a request, the first one first."""
        parent = recorder.cases[case_id].parent_id
        if parent is not None and parent in recorder.cases:
            yield from self._before(recorder, parent)
            response = recorder.find_response(case_id=parent)
            yield from () if response is None else self.adapter.exchanges(response.request)

    def _failed(self, phase: Phase, event: events.NonFatalError) -> None:
        """An answer that did not come is the deployment's; anything else is ours."""
        if not isinstance(event.value, NoWholeAnswer):
            self._broke(phase, f"{event.label}: {self._redacted(event.value)}")
            return
        method, _, path = event.label.partition(" ")
        known = (one.id for one in self.contract.operations if (one.method, one.path) == (method, path))
        message = self.sender.context.wire.log.redactor.answer(str(event.value))[:300]
        evidence = self.adapter.exchanges(event.value.request)
        self.findings.add(Finding(next(known, event.label), "answers", "must", "E2.envelope", message, evidence))

    def _broke(self, phase: Phase, message: str) -> None:
        """A defect of these tests, with the answer that it met."""
        self.findings.errors.append((phase.name, message, self.sender.last))

    def _redacted(self, error: Exception) -> str:
        return self.sender.context.wire.log.redactor.answer(defect_of(error))

    def _choose(self, schema: BaseSchema, *, at_most: int) -> None:
        """Have the cases of coverage come in an order in which every beginning is a fair sample.

        Making them costs time: of an operation that can send few, no more than `at_most` are made.
        """
        every, findings, sender = schema.iter_coverage_cases, self.findings, self.sender

        def in_order(operation: Any, **options: Any) -> Iterator[AnyCase]:
            if sender.share is not None and self._is_over(sender.share):
                return
            cases = list(islice(every(operation, **options), at_most))
            findings.offered += len(cases)
            # schemathesis sends the last one first
            yield from reversed(sampled(cases, Random(f"{self.seed} {operation.label}")))

        schema.iter_coverage_cases = in_order  # type: ignore[method-assign]

    def _schema(self, phase: Phase, operations: tuple[Operation, ...], share: Share) -> BaseSchema:
        context = self.sender.context
        auth: dict[str, object] = {}
        if context.wallet.main == "api_key":
            auth["apiKey"] = {"bearer": KEY}
        if context.wallet.has("session"):
            auth["session"] = {"api_key": SESSION}
        config = SchemathesisConfig.from_dict(
            {
                "base-url": context.base.removesuffix("/v1"),
                "seed": self.seed,
                "cache": {"enabled": False},
                "continue-on-failure": True,
                "request-timeout": context.wire.bounds.timeout,
                "max-redirects": 0,
                "checks": {"enabled": True},
                "output": {"sanitization": {"enabled": False}},  # placeholders are all it could tell
                "generation": {
                    "max-examples": max(5, share.left // len(operations)) if phase.is_about_operations else 40,
                    "database": "none",
                    "no-shrink": True,
                    "deterministic": False,
                },
                "phases": {
                    **{one.name: {"enabled": one.name == phase.name} for one in PHASES},
                    # other methods than these could change what is not ours
                    "coverage": {"enabled": phase.name == "coverage", "unexpected-methods": ["get", "trace"]},
                },
                "auth": {"openapi": auth},
                "operations": [*self._left_out(operations), *self._asked_already(operations)],
            }
        )
        document = copy.deepcopy(cast("dict[str, Any]", self.contract.document))  # schemathesis writes links into it
        schema: BaseSchema = schemathesis.openapi.from_dict(document, config=config)
        schema.iter_schema_warnings = list  # type: ignore[method-assign]  # the document has tests of its own
        return schema

    def _left_out(self, operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
        """Only switched off: what is not declared at all would be an undeclared method of its path."""
        left_out = [one.id for one in self.contract.operations if one not in operations]
        return [{"include-operation-id": left_out, "enabled": False}] if left_out else []

    def _asked_already(self, operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
        asked = [one.id for one in operations if one.id in self.findings.guarded]
        return [{"include-operation-id": asked, "checks": {AUTH: {"enabled": False}}}] if asked else []


def sampled(cases: list[Case[Any]], chance: Random) -> list[Case[Any]]:
    """The cases, reordered: a plain valid one, then valid and invalid in turn, one of each kind before a second."""
    kinds: dict[bool, dict[tuple[object, ...], list[AnyCase]]] = {True: {}, False: {}}
    for case in cases:
        assert case.meta is not None
        data = case.meta.phase.data
        valid = case.meta.generation.mode == GenerationMode.POSITIVE
        place = getattr(data, "parameter_location", None)
        detail = str(data.description).partition(":")[0] if place == ParameterLocation.BODY else data.parameter
        kinds[valid].setdefault((getattr(data, "scenario", None), place, detail), []).append(case)
    valid_ones, invalid_ones = (_in_rounds(kinds[valid], chance) for valid in (True, False))
    order: list[AnyCase] = []
    while valid_ones or invalid_ones:
        order += valid_ones[:1] + invalid_ones[:1]
        del valid_ones[:1], invalid_ones[:1]
    return order


def _in_rounds(kinds: dict[tuple[object, ...], list[AnyCase]], chance: Random) -> list[AnyCase]:
    first, others = [*kinds][:1], [*kinds][1:]
    chance.shuffle(others)
    queues = [chance.sample(kinds[kind], len(kinds[kind])) for kind in (*first, *others)]
    rounds: list[AnyCase] = []
    while queues:
        rounds += [queue.pop() for queue in queues]
        queues = [queue for queue in queues if queue]
    return rounds


@contextmanager
def without_complaints() -> Iterator[None]:
    """Without the warnings about sessions that schemathesis leaves to the garbage collector to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
