"""Runs of the state machine: so many examples from one seed, or batches of them until a time is over.

Charter: settings of Hypothesis, and what came of a run; what the machine does is `machine`.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from entity_contract import Entity
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from entity_tests.model.deployment import Deployment, Spent
from entity_tests.model.judging import Difference
from entity_tests.model.machine import Machine
from entity_tests.model.reading import EVERY, Reading

STEPS = 40
BATCH = 10
"""Examples from one seed. After ten, Hypothesis turns to variations of what it has tried, which find little here."""

Opened = Callable[[], Deployment]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run.

    `found` is the first thing that went wrong, in words, None when nothing did; `stopped` why it ended before its time;
    `readings` what the deployment can still be taken to have chosen; `warnings` what only should be otherwise.
    """

    found: str | None
    examples: int
    requests: int
    seconds: float
    stopped: str | None = None
    readings: tuple[Reading, ...] = ()
    warnings: tuple[str, ...] = ()


def examples(
    entities: tuple[Entity, ...],
    opened: Opened,
    *,
    count: int | None = None,
    seconds: float | None = None,
    chance: int = 1,
    shrinks: bool = False,
    strict: bool = False,
) -> Run:
    """So many sequences, the same ones for the same `chance`; or as many as there is time for; or until it is stopped.

    `shrinks` looks for the shortest sequence that goes wrong, without regard to the time. What is raised otherwise is a
    defect of the machine, or of the way to the deployment.
    """
    started = time.monotonic()
    account = _Account()
    found = stopped = None

    def machine() -> Machine:
        account.close()
        shake = None if shrinks else f"{chance} {batch}"
        account.machine = Machine(entities, opened, readings=account.readings, strict=strict, shake=shake)
        return account.machine

    for batch in itertools.count():
        left = BATCH if count is None else min(BATCH, count - batch * BATCH)
        over = seconds is not None and time.monotonic() - started >= seconds
        if left <= 0 or over or found or stopped:
            break
        try:
            run_state_machine_as_test(seed(f"{chance} {batch}")(machine), settings=_settings(left, shrinks=shrinks))  # type: ignore[arg-type]  # it takes whatever makes a machine
        except Difference as difference:
            found = _words(difference)
        except (Spent, Flaky) as ended:
            # A run may end before Hypothesis has repeated what it found, which it then calls flaky.
            account.close()
            found = account.found[0] if account.found else None
            stopped = account.stopped
            if not (found or stopped):
                raise ended from None
    account.close()
    return Run(
        found,
        account.machines,
        account.requests,
        time.monotonic() - started,
        stopped,
        account.readings,
        tuple(account.warnings),
    )


@dataclass
class _Account:
    """What the machines of a run came to, one after the other; none is kept."""

    machine: Machine | None = None
    machines: int = 0
    requests: int = 0
    readings: tuple[Reading, ...] = EVERY
    warnings: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    stopped: str | None = None

    def close(self) -> None:
        """Count the last machine."""
        if self.machine is None:
            return
        self.machines += 1
        self.requests += self.machine.operations.requests
        self.readings = tuple(reading for reading in self.readings if reading in self.machine.operations.readings)
        self.warnings += self.machine.judge.warnings
        self.found += self.machine.judge.found
        self.stopped = self.machine.deployment.stopped
        self.machine = None


def _settings(count: int, *, shrinks: bool) -> settings:
    return settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


def _words(difference: Difference) -> str:
    """The difference and, from Hypothesis, the acts that led to it."""
    return "\n".join((str(difference).strip(), *getattr(difference, "__notes__", ())))
