"""Runs of the state machine: so many examples from one seed, or batches of them until a time is over.

Charter: settings of Hypothesis, and what came of a run; what the machine does is `machine`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from contract import Contract
from contract_tests.model.deployment import Deployment, Spent
from contract_tests.model.machine import Machine

STEPS = 25
ENDLESS = 1_000_000

Opened = Callable[[], Deployment]


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run: the first thing that went wrong, in words, None when nothing did; examples, requests."""

    found: str | None
    examples: int
    requests: int
    seconds: float


def examples(
    contract: Contract,
    opened: Opened,
    *,
    count: int = ENDLESS,
    seconds: float | None = None,
    chance: int = 0,
    shrinks: bool = False,
) -> Run:
    """That many sequences from one seed, the same ones each time; with `seconds`, as many as there is time for.

    `shrinks` looks for the shortest sequence that goes wrong, without regard to the time.
    """
    started = time.monotonic()
    machines: list[Machine] = []

    @seed(chance)
    def machine() -> Machine:
        found = any(one.judge.found for one in machines[-1:])
        if seconds is not None and time.monotonic() - started > seconds and not found:
            raise Spent("the time is over")
        machines.append(Machine(contract, opened))
        return machines[-1]

    how = settings(
        max_examples=count,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinks else [])],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    found = None
    try:
        run_state_machine_as_test(machine, settings=how)  # type: ignore[arg-type]  # it takes whatever makes a machine
    except Spent:
        pass
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is what the run found
        found = _words(problem)
    requests = sum(one.deployment.sent for one in machines)
    return Run(found, len(machines), requests, time.monotonic() - started)


def _words(problem: BaseException) -> str:
    """What went wrong and, from Hypothesis, after which acts."""
    if isinstance(problem, BaseExceptionGroup):
        return "\n".join(_words(one) for one in problem.exceptions)
    return "\n".join((f"{type(problem).__name__}: {problem}", *getattr(problem, "__notes__", ())))
