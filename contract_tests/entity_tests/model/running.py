"""Runs the state machine: so many sequences, or as many as time or the deployment allow, and what came of them."""

import itertools
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from entity_conformance.oracle.messages import Request
from entity_conformance.oracle.reading import EVERY, Reading
from entity_contract import Contract
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from entity_tests.model.deployment import Deployment, Ended
from entity_tests.model.judging import Difference
from entity_tests.model.machine import Machine
from entity_tests.model.operations import Operations
from entity_tests.model.requirements import REQUIREMENTS

RULES = 40
"""Rules of one sequence."""

MOST_EMPTY = 3
"""Sequences in a row that find nothing to ask, after which there are no more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A difference, and what led to it: the requests that wrote what it is about, and their exchanges."""

    difference: Difference
    requests: tuple[Request, ...]
    exchanges: tuple[str, ...]


Cause = tuple[str, str, str, frozenset[str]]
"""A requirement, an entity, what the differences are about, and the parts of a question that show them."""


Place = tuple[str, str, int]
"""Method, entity and number of segments: `("PATCH", "tasks", 2)`."""


def place_of(request: Request) -> Place:
    """The operation that a request asks for."""
    segments = request.path.strip("/").split("/")
    return request.method, segments[0], len(segments)


@dataclass(slots=True)
class Exploration:
    """What the sequences of a run came to.

    `failures` are the differences that were met, of each cause the one to which the fewest requests led. `judged`
    counts answers by requirement and entity, `held` has of each the last exchange that was right. `readings` are how
    the deployment can still be taken to read the rulings. `answers` counts statuses by operation. `ended` says why
    nothing more could be sent. `ruled` are the entities of which no record was taken, perhaps for rules that are not
    told.
    """

    sequences: int = 0
    requests: int = 0
    seconds: float = 0.0
    readings: tuple[Reading, ...] = EVERY
    judged: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    failures: dict[Cause, Failure] = field(default_factory=dict)
    answers: dict[Place, Counter[int]] = field(default_factory=dict)
    ended: Ended | None = None
    ruled: set[str] = field(default_factory=set)
    _operations: Operations | None = None

    @property
    def found(self) -> str | None:
        """The difference to which the fewest requests led, in words; None when there was no difference."""
        if not self.failures:
            return None
        return min(self.failures.values(), key=lambda one: len(one.requests)).difference.text()

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
        self.sequences += 1
        self.requests += len(operations.sent)
        left = frozenset(operations.readings)
        self.readings = tuple(one for one in self.readings if one in left)
        self.judged += operations.judge.judged
        for request, answer in operations.sent:
            self.answers.setdefault(place_of(request), Counter())[answer.status] += 1
        self.held |= operations.judge.held
        self.ruled |= operations.aside.ruled
        for one in operations.judge.differences:
            led = [*operations.that_led_to(one), (one.request, one.answer)]
            failure = Failure(one, tuple(sent for sent, _ in led), tuple(answer.exchange for _, answer in led))
            cause = (one.requirement, one.entity, one.about, one.parts)
            known = self.failures.setdefault(cause, failure)
            if len(failure.requests) < len(known.requests):
                self.failures[cause] = failure
        self._operations = None


def explore(
    contract: Contract,
    opened: Callable[[], Deployment],
    *,
    count: int | None = None,
    seconds: float | None = None,
    number: int = 1,
    selected: frozenset[str] = frozenset(REQUIREMENTS),
    into: Exploration | None = None,
) -> Exploration:
    """Sequences until there are `count`, the `seconds` are over, the deployment has Ended, or there is nothing to ask.

    On an exact deployment the first difference ends them. The same `number` makes the same sequences. What they come to
    is added `into` an Exploration, for whoever ends them before their time. Any other exception is a defect of the
    machine.
    """
    began = time.monotonic()
    exploration, empty = into or Exploration(), 0

    def begin() -> Operations:
        readings = exploration.readings
        return exploration.begin(Operations(contract, opened(), readings=readings, selected=selected))

    for sequence in itertools.count():
        is_over = seconds is not None and time.monotonic() - began >= seconds
        if sequence == count or is_over or exploration.ended or empty == MOST_EMPTY:
            break
        requests = exploration.requests
        machine = seed(f"{number} {sequence}")(partial(Machine, begin, sequence))
        try:
            run_state_machine_as_test(machine, settings=_SETTINGS)  # type: ignore[arg-type]  # it takes whatever makes a machine
        except Ended as ended:
            exploration.ended = ended
        except (Difference, Flaky):
            exploration.finish()
            if not exploration.failures:
                raise
            break
        exploration.finish()
        empty = empty + 1 if exploration.requests == requests else 0
    exploration.finish()
    exploration.seconds = time.monotonic() - began
    return exploration


_SETTINGS = settings(
    max_examples=2,  # the plainest, which sends nothing, and one by chance; more would be variations of these
    stateful_step_count=RULES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
    print_blob=False,
)
