"""One run of schemathesis over a served reference server, and what came of it.

Charter: configures and counts; `hooks` knows the API, `test_properties` judges the figures.
"""

import copy
import gc
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import schemathesis
from entity_contract import Contract
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.schemas import BaseSchema

from entity_tests.deployments.serving import Served
from entity_tests.hooks import Hooks
from entity_tests.proofs.world import World
from entity_tests.properties import strategies

PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass
class Figures:
    """What one run found: answers by operation and status, failures by operation and check, errors of the tool."""

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    phases: Counter[str] = field(default_factory=Counter)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """Requests that were sent."""
        return sum(counter.total() for counter in self.answers.values())

    @property
    def refusals(self) -> int:
        """Answers with a status from 400 to 499."""
        return sum(count for counter in self.answers.values() for status, count in counter.items() if status >= 400)

    def successes(self, operation_id: str) -> int:
        """2xx answers of one operation."""
        return sum(count for status, count in self.answers.get(operation_id, Counter()).items() if status < 300)

    def add(self, other: "Figures") -> None:
        """Count another run as well."""
        for operation, counter in other.answers.items():
            self.answers.setdefault(operation, Counter()).update(counter)
        self.phases.update(other.phases)
        self.failures |= other.failures
        self.errors += other.errors

    def record(self, phase: str, recorder: ScenarioRecorder) -> None:
        """Add one scenario."""
        for case_id, interaction in recorder.interactions.items():
            operation = recorder.cases[case_id].value.operation.definition.raw["operationId"]
            if interaction.response is not None:
                self.answers.setdefault(operation, Counter())[interaction.response.status_code] += 1
                self.phases[phase] += 1
        for case_id, checks in recorder.checks.items():
            operation = recorder.cases[case_id].value.operation.definition.raw["operationId"]
            for check in checks:
                if check.failure_info is not None:
                    said = f"{check.failure_info.failure}\n{check.failure_info.code_sample}"
                    response = recorder.find_response(case_id=case_id)
                    answer = f"{response.status_code} {response.text[:500]}" if response is not None else "no answer"
                    self.failures.setdefault((operation, check.name), f"{said}\n{answer}")


def run(served: Served, contract: Contract, *, examples: int, seed: int, only: str | None = None) -> Figures:
    """Every phase with every check; `examples` is how many cases of each operation the fuzzing phase makes.

    `only` is an operationId, for a run over one operation.
    """
    schemathesis.openapi.format("json-object", strategies.filters(contract.operators))
    world = World(contract, served, seed)
    hooks = Hooks(contract, world, seed)
    config = SchemathesisConfig.from_dict(_settings(served, examples=examples, seed=seed, alone=only is not None))
    document = copy.deepcopy(cast("dict[str, Any]", contract.document))  # schemathesis writes links into its own
    schema: BaseSchema = schemathesis.openapi.from_dict(document, config=config)
    schema = schema.include(operation_id=only) if only else schema
    hooks.install(schema)
    figures = Figures()
    with without_complaints():
        try:
            for event in from_schema(schema).execute():
                if isinstance(event, events.ScenarioFinished):
                    figures.record(event.phase.value, event.recorder)
                elif isinstance(event, events.NonFatalError):
                    figures.errors.append(f"{event.label}: {event.value}")
                elif isinstance(event, events.FatalError):
                    figures.errors.append(str(event.exception))
        finally:
            hooks.uninstall()
            world.close()
    return figures


@contextmanager
def without_complaints() -> Iterator[None]:
    """Without the warnings about connections that schemathesis leaves to the garbage collector to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


def _settings(served: Served, *, examples: int, seed: int, alone: bool) -> dict[str, Any]:
    return {
        "base-url": served.root,
        "seed": seed,
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "request-timeout": 30,
        "checks": {"enabled": True},
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True, "deterministic": False},
        # one operation by itself has no sequences
        "phases": {name: {"enabled": not (alone and name == "stateful")} for name in PHASES},
        "auth": {
            "openapi": {
                "apiKey": {"bearer": served.credentials["apiKey"]},
                "session": {"api_key": served.credentials["sessionToken"]},
            }
        },
    }
