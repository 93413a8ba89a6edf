"""Runs schemathesis, phase after phase: examples and coverage, then stateful sequences, then fuzzing.

Each phase has a share of the budget, and in all but the sequences each operation has a part of it; of the cases that
coverage can make, as many as fit are taken, from every kind of case alike.

Charter: configures and counts. `hooks` knows the API, `gate` says what may be sent.
"""

import copy
import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from random import Random
from typing import Any, cast

import requests
import schemathesis
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema

from contract import Contract, Operation
from contract_tests import strategies
from contract_tests.hooks import AnyCase
from contract_tests.live.findings import Finding, Findings
from contract_tests.live.gate import KEY, SESSION, Gate, Share
from contract_tests.live.hooks import LiveHooks
from contract_tests.live.scope import Scope

PHASES = ("examples", "coverage", "stateful", "fuzzing")

_PARTS = {"examples": 0.12, "coverage": 0.6, "stateful": 0.5, "fuzzing": 1.0}
"""What a phase may take of what the phases before it left."""

AUTH = "ignored_auth"
"""The check that sends a request without and with wrong credentials: once for each operation is enough."""

_ONCE = frozenset({"generateText"})
"""Operations that cost money: no sequences, no fuzzing."""


_CASES = 20
_FEW = 10
"""Cases of coverage made for each request that an operation may send, and the least."""


class Interrupted(Exception):  # noqa: N818  # the user's wish, not an error
    """Somebody pressed Ctrl-C."""


def perform(contract: Contract, gate: Gate, hooks: LiveHooks, findings: Findings, scope: Scope) -> None:
    """Run every phase. Raises Interrupted."""
    schemathesis.openapi.format("json-object", strategies.filters())
    hooks.install()
    try:
        with gate.in_the_way(), _no_complaints():
            for phase in PHASES:
                operations = _operations(scope, phase)
                left = int(gate.left * _PARTS[phase])
                gate.share = Share(left, None if phase == "stateful" else len(operations))
                _phase(phase, contract, gate, hooks, findings, operations)
                gate.share = None
    finally:
        hooks.uninstall()


def _operations(scope: Scope, phase: str) -> tuple[Operation, ...]:
    return tuple(one for one in scope.operations if phase in ("examples", "coverage") or one.id not in _ONCE)


def _phase(  # noqa: PLR0917  # one phase is made of all of these
    phase: str,
    contract: Contract,
    gate: Gate,
    hooks: LiveHooks,
    findings: Findings,
    operations: tuple[Operation, ...],
) -> None:
    if gate.halted is not None or not operations or gate.share is None or gate.share.left <= 0:
        return
    schema = _schema(phase, contract, gate, findings, operations)
    hooks.hang_into(schema)
    if phase == "coverage":
        _choose(
            schema, findings, seed=gate.settings.seed, at_most=max(_FEW, _CASES * gate.share.left // len(operations))
        )
    for event in from_schema(schema).execute():
        match event:
            case events.NonFatalError():
                _failed(event, contract, gate, findings)
            case events.FatalError():
                findings.errors.append(_redacted(gate, event.exception))
            case events.Interrupted():
                raise Interrupted
            case events.ScenarioFinished():
                _note(event.recorder, findings)
            case _:
                pass


def _note(recorder: ScenarioRecorder, findings: Findings) -> None:
    for case_id, checks in recorder.checks.items():
        findings.checked.update(check.name for check in checks)
        response = recorder.find_response(case_id=case_id)
        if response is not None and 200 <= response.status_code < 300 and AUTH in {check.name for check in checks}:
            findings.guarded.add(recorder.cases[case_id].value.operation.definition.raw["operationId"])


def _failed(event: events.NonFatalError, contract: Contract, gate: Gate, findings: Findings) -> None:
    """An answer that did not come is the deployment's; anything else is ours."""
    if not isinstance(event.value, requests.RequestException):
        findings.errors.append(f"{event.label}: {_redacted(gate, event.value)}")
        return
    method, _, path = event.label.partition(" ")
    known = (one.id for one in contract.operations if (one.method, one.path) == (method, path))
    message = gate.redactor.answer(str(event.value))[:300]
    findings.add(Finding(next(known, event.label), "answers", "must", "E2", message))


def _redacted(gate: Gate, error: Exception) -> str:
    return gate.redactor.answer(f"{type(error).__name__}: {error}")[:600]


def _schema(
    phase: str, contract: Contract, gate: Gate, findings: Findings, operations: tuple[Operation, ...]
) -> BaseSchema:
    settings = gate.settings
    auth: dict[str, object] = {}
    if settings.api_key:
        auth["apiKey"] = {"bearer": KEY}
    if settings.session:
        auth["session"] = {"api_key": SESSION}
    config = SchemathesisConfig.from_dict(
        {
            "base-url": settings.root,
            "seed": settings.seed,
            "cache": {"enabled": False},
            "continue-on-failure": True,
            "request-timeout": settings.timeout,
            "max-redirects": 0,
            "checks": {"enabled": True},
            "output": {"sanitization": {"enabled": False}},  # placeholders are all it could tell
            "generation": {
                "max-examples": max(5, gate.left // len(operations)) if phase == "fuzzing" else 40,
                "database": "none",
                "no-shrink": True,
                "deterministic": False,
            },
            "phases": {
                **{name: {"enabled": name == phase} for name in PHASES},
                # other methods than these could change what is not ours
                "coverage": {"enabled": phase == "coverage", "unexpected-methods": ["get", "trace"]},
            },
            "auth": {"openapi": auth},
            "operations": [*_left_out(contract, operations), *_asked_already(findings, operations)],
        }
    )
    document = copy.deepcopy(cast("dict[str, Any]", contract.document))  # schemathesis writes links into its own
    schema: BaseSchema = schemathesis.openapi.from_dict(document, config=config)
    return schema


def _left_out(contract: Contract, operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
    """Only switched off: what is not declared at all would be an undeclared method of its path."""
    left_out = [one.id for one in contract.operations if one not in operations]
    return [{"include-operation-id": left_out, "enabled": False}] if left_out else []


def _asked_already(findings: Findings, operations: tuple[Operation, ...]) -> list[dict[str, Any]]:
    asked = [one.id for one in operations if one.id in findings.guarded]
    return [{"include-operation-id": asked, "checks": {AUTH: {"enabled": False}}}] if asked else []


def _choose(schema: BaseSchema, findings: Findings, *, seed: int, at_most: int) -> None:
    """Have the cases of coverage come in an order in which every beginning is a fair sample.

    Making them costs time: of an operation that can send few, no more than `at_most` are made.
    """
    every = schema.iter_coverage_cases

    def in_order(operation: Any, **options: Any) -> Iterator[AnyCase]:
        cases = list(islice(every(operation, **options), at_most))
        findings.offered += len(cases)
        # schemathesis sends the last one first
        yield from reversed(sampled(cases, Random(f"{seed} {operation.label}")))

    schema.iter_coverage_cases = in_order  # type: ignore[method-assign]


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
def _no_complaints() -> Iterator[None]:
    """Without the warnings about connections that schemathesis leaves to the garbage collector to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()
