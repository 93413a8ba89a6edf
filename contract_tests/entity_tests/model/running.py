"""Runs the state machine: so many sequences, or as many as time or the deployment allow, and what came of them."""

import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from entity_contract import Contract
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from entity_tests.model.judging import Difference
from entity_tests.model.machine import Machine
from entity_tests.model.messages import Request
from entity_tests.model.operations import Deployment, Ended, Operations
from entity_tests.model.reading import EVERY, Reading
from entity_tests.model.requirements import REQUIREMENTS

RULES = 40
"""Rules of one sequence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A difference, and the sequence of requests that ends in it, with their exchanges."""

    difference: Difference
    requests: tuple[Request, ...]
    exchanges: tuple[str, ...]


@dataclass(slots=True)
class Exploration:
    """What the sequences of a run came to.

    `failures` are the differences that were met, in every sequence that shows one. `warnings` are those under a
    SHOULD. `judged` counts answers by requirement and entity. `readings` are how the deployment can still be taken to
    read the rulings. `ended` says why nothing more could be sent.
    """

    sequences: int = 0
    requests: int = 0
    seconds: float = 0.0
    readings: tuple[Reading, ...] = EVERY
    judged: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: list[Failure] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    ended: Ended | None = None
    _operations: Operations | None = None

    @property
    def found(self) -> str | None:
        """The difference with the shortest sequence, in words; None when there was no difference."""
        if not self.failures:
            return None
        return min(self.failures, key=lambda one: len(one.requests)).difference.text()

    def begin(self, operations: Operations) -> Operations:
        """A new sequence."""
        self.finish()
        self._operations = operations
        return operations

    def finish(self) -> None:
        """Take over what the last sequence came to."""
        operations = self._operations
        if operations is None:
            return
        judge, requests, exchanges = operations.judge, tuple(operations.requests), tuple(operations.exchanges)
        self.sequences += 1
        self.requests += len(requests)
        left = frozenset(operations.readings)
        self.readings = tuple(one for one in self.readings if one in left)
        self.judged += judge.judged
        self.failures += [Failure(one, requests, exchanges) for one in judge.failures]
        self.warnings += [Failure(one, requests, exchanges) for one in judge.warnings]
        self._operations = None


def explore(
    contract: Contract,
    opened: Callable[[], Deployment],
    *,
    count: int | None = None,
    seconds: float | None = None,
    number: int = 1,
    shrinks: bool = False,
    strict: bool = False,
    selected: frozenset[str] = frozenset(REQUIREMENTS),
    into: Exploration | None = None,
) -> Exploration:
    """Sequences until there are `count`, the `seconds` are over, the deployment has Ended, or there is a difference.

    The same `number` makes the same sequences. `shrinks` looks for the shortest sequence that shows a difference. What
    they come to is added `into` an Exploration, for whoever ends them before their time. Any other exception is a
    defect of the machine.
    """
    began = time.monotonic()
    exploration = into or Exploration()

    def begin() -> Operations:
        readings = exploration.readings
        return exploration.begin(Operations(contract, opened(), readings=readings, strict=strict, selected=selected))

    for sequence in itertools.count():
        is_over = seconds is not None and time.monotonic() - began >= seconds
        if sequence == count or is_over or exploration.failures or exploration.ended:
            break
        machine = seed(f"{number} {sequence}")(partial(Machine, begin, sequence))
        try:
            run_state_machine_as_test(machine, settings=_settings(shrinks=shrinks))  # type: ignore[arg-type]  # it takes whatever makes a machine
        except Ended as ended:
            exploration.ended = ended
        except (Difference, Flaky):
            exploration.finish()
            if not exploration.failures:
                raise
        exploration.finish()
    exploration.seconds = time.monotonic() - began
    return exploration


def _settings(*, shrinks: bool) -> settings:
    """Two examples: the plainest, which sends nothing, and one by chance. More would be variations of these."""
    return settings(
        max_examples=2,
        stateful_step_count=RULES,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
